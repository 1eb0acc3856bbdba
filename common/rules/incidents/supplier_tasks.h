// What a supplier is asked for about an incident, and what comes of it (AVL-05 to AVL-08). Suppliers do not
// call us: the merchant tells their answers.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/actions.h"
#include "common/rules/incidents/incident_records.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"
#include "makegood/incidents/v1/incidents_service.pb.h"

namespace makegood::rules {

// The timer of the first answer that is due; the payload is the incident's id.
inline constexpr absl::string_view kSupplierDue = "supplier-due";  // EndSupplierTerm

// Asks for what the policy says of its kind and is not asked for yet. The caller puts it.
void AskSupplier(const Policy& policy, Incident& incident, Transaction& tx);

// What has not been answered, which goes on with what supersedes it (Finding). The caller puts it.
std::vector<incidents::v1::SupplierTask> TakeTasks(Incident& from, Transaction& tx);

// AVL-08: an answer, and what follows: an incident of no stock where nothing comes (AVL-07), the offer to
// wait where something does (AVL-05). The incident that is open then, or the one asked about.
absl::StatusOr<Incident> AnswerSupplierTask(const incidents::v1::AnswerSupplierTaskRequest& request,
                                            Transaction& tx);
extern const Action<Incident> kAnswerSupplierTask;

// AVL-08: nobody has answered.
absl::Status EndSupplierTerm(absl::string_view incident_id, Transaction& tx);

}  // namespace makegood::rules
