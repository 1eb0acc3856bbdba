// What people say of an incident at its end, and when they want more attention for it; and money that went
// astray, which nothing but people end (CLM-11, CLM-12, PAY-05).
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rules/actions.h"
#include "common/rules/incidents/incident_records.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/incidents/v1/incidents_service.pb.h"

namespace makegood::rules {

// CLM-11: what it came from.
absl::StatusOr<Incident> CloseIncident(const incidents::v1::CloseIncidentRequest& request, Transaction& tx);
extern const Action<Incident> kCloseIncident;

// CLM-12.
absl::StatusOr<Incident> EscalateIncident(const incidents::v1::EscalateIncidentRequest& request,
                                          Transaction& tx);
extern const Action<Incident> kEscalateIncident;

// PAY-05: a payment to another account is an incident; a further one, while it is open, is noted on it.
// DLV-03: where going again is not paid for, the customer chooses anew.
absl::Status FollowPayment(const events::v1::Event& event, Transaction& tx);

}  // namespace makegood::rules
