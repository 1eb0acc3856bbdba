#include "common/rules/claims/evidence_erasure.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/erasure_tasks.h"
#include "common/rules/timers.h"

namespace makegood::rules {
namespace {

using claims::v1::Claim;
using claims::v1::Evidence;
using claims::v1::EvidenceFile;

absl::Status ForgetReference(const std::string& evidence_id, const std::string& claim_id, Transaction& tx) {
  ASSIGN_OR_RETURN(EvidenceFile file, tx.Get<EvidenceFile>(evidence_id));
  auto& claims = *file.mutable_claim_ids();
  claims.erase(std::remove(claims.begin(), claims.end(), claim_id), claims.end());
  tx.Put(file);
  if (!claims.empty()) return absl::OkStatus();
  SetTimer(kRemoveEvidence, evidence_id, tx.now(), tx);
  return absl::OkStatus();
}

// How many of its files were erased.
absl::StatusOr<int> EraseFiles(Claim& claim, Transaction& tx) {
  int files = 0;
  for (Evidence& evidence : *claim.mutable_evidence()) {
    if (evidence.has_erase_time()) continue;
    RETURN_IF_ERROR(ForgetReference(evidence.evidence_id(), claim.claim_id(), tx));
    *evidence.mutable_erase_time() = ToTimestamp(tx.now());
    ++files;
  }
  if (files > 0) tx.Put(claim);
  return files;
}

}  // namespace

absl::StatusOr<claims::v1::EraseEvidenceResponse> EraseEvidence(const claims::v1::EraseEvidenceRequest&,
                                                                const std::vector<std::string>& claim_ids,
                                                                Transaction& tx) {
  claims::v1::EraseEvidenceResponse response;
  for (const std::string& claim_id : claim_ids) {
    ASSIGN_OR_RETURN(Claim claim, tx.Get<Claim>(claim_id));
    if (IsOpen(claim)) {
      return Refusal("SYS-09", absl::StrCat("claim ", claim_id, " is open and may need its evidence"));
    }
    ASSIGN_OR_RETURN(const int files, EraseFiles(claim, tx));
    response.set_file_count(response.file_count() + files);
  }
  return response;
}

}  // namespace makegood::rules
