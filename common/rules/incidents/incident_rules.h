// Trouble before an order leaves: how it is found, and what becomes of it (AVL). Every decision is in the
// order's part, and what it changes of the order is in the same commit.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/actions.h"
#include "common/rules/incidents/incident_records.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/incidents/v1/incidents_service.pb.h"

namespace makegood::rules {

// AVL-02: what differs from the order is an incident, and what a later pick puts right ends it.
// INVALID_ARGUMENT for lines that are not the order's or are named twice, and for a restock time that has
// passed.
absl::StatusOr<incidents::v1::PickResult> RecordPick(const incidents::v1::RecordPickRequest& request,
                                                     Transaction& tx);

// AVL-04 to AVL-06. Of what is known and open nothing changes, unless the policy acts on a report.
absl::StatusOr<Incident> ReportIncident(const incidents::v1::ReportIncidentRequest& request, Transaction& tx);

absl::StatusOr<Incident> ChooseOption(const incidents::v1::ChooseOptionRequest& request, Transaction& tx);

// Of what the incident offers, whoever asks (ORD-09).
extern const Action<Incident> kChooseOption;
void FillActions(Incident& incident, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);

// ---- What follows by itself.

// AVL-07: the timers of an order, by its own events; what has left or is over ends its incidents.
absl::Status FollowOrder(const events::v1::Event& event, Transaction& tx);

// Timers of orders; the payload is the order's id.
inline constexpr absl::string_view kShipmentOverdue = "shipment-overdue";   // MarkShipmentOverdue
inline constexpr absl::string_view kShipmentNoStock = "shipment-no-stock";  // MarkNoStock
absl::Status MarkShipmentOverdue(absl::string_view order_id, Transaction& tx);
absl::Status MarkNoStock(absl::string_view order_id, Transaction& tx);

// AVL-03: nobody chose in time; the goods did not come.
absl::Status EndChoice(absl::string_view incident_id, Transaction& tx);
absl::Status EndRestock(absl::string_view incident_id, Transaction& tx);

}  // namespace makegood::rules
