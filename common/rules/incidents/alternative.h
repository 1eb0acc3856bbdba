// Something else that the merchant could send instead of what cannot be had (AVL-03, AVL-06).
#pragma once

#include "absl/status/statusor.h"
#include "common/rules/actions.h"
#include "common/rules/incidents/incident_records.h"
#include "common/rules/transaction.h"
#include "makegood/incidents/v1/incidents_service.pb.h"

namespace makegood::rules {

absl::StatusOr<Incident> ProposeAlternative(const incidents::v1::ProposeAlternativeRequest& request,
                                            Transaction& tx);
extern const Action<Incident> kProposeAlternative;

}  // namespace makegood::rules
