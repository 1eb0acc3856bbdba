// Erasing a customer's evidence: what goes, what stays, and what must wait.
#include "common/rules/claims/evidence_erasure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rules/claims/claim_records.h"
#include "common/rules/erasure_tasks.h"
#include "tests/support/rules_support.h"

namespace makegood::rules {
namespace {

using claims::v1::Claim;
using claims::v1::EraseEvidenceRequest;
using claims::v1::EvidenceFile;
using testing::At;
using ::testing::ElementsAre;
using testing::IsOk;
using testing::RefusedBy;
using ::testing::SizeIs;

class EvidenceErasureTest : public ::testing::Test {
 protected:
  // A claim in `state` that has the files.
  void Have(const std::string& claim_id, Claim::State state, const std::vector<std::string>& files) {
    ASSERT_THAT(desk_.Decide([&](Transaction& tx) -> absl::Status {
      Claim claim;
      claim.set_claim_id(claim_id);
      claim.set_order_id("o-1");
      claim.set_state(state);
      for (const std::string& id : files) {
        claim.add_evidence()->set_evidence_id(id);
        ASSIGN_OR_RETURN(const std::optional<EvidenceFile> there, tx.Find<EvidenceFile>(id));
        EvidenceFile file = there.value_or(EvidenceFile());
        file.set_evidence_id(id);
        file.add_claim_ids(claim_id);
        tx.Put(file);
      }
      tx.Put(claim);
      return absl::OkStatus();
    }),
                IsOk());
  }

  absl::StatusOr<claims::v1::EraseEvidenceResponse> Erase(const std::vector<std::string>& claim_ids) {
    EraseEvidenceRequest request;
    request.set_order_id("o-1");
    return desk_.Decide(EraseEvidence, request, claim_ids);
  }

  testing::Desk desk_{At("2026-09-01T10:00+02:00")};
};

TEST_F(EvidenceErasureTest, SYS_09_EvidenceOfAnOpenClaimStaysAndNothingIsHalfDone) {
  Have("c-1", Claim::STATE_RETRACTED, {"f-1"});
  Have("c-2", Claim::STATE_VERIFYING, {"f-2"});
  EXPECT_THAT(Erase({"c-1", "c-2"}), RefusedBy("SYS-09"));
  EXPECT_FALSE(desk_.Find<Claim>("c-1")->evidence(0).has_erase_time());
}

TEST_F(EvidenceErasureTest, SYS_09_AFileGoesWhenNoClaimRefersToIt) {
  Have("c-1", Claim::STATE_RETRACTED, {"f-1", "f-2"});
  Have("c-2", Claim::STATE_RESOLVED, {"f-2"});
  const auto erased = Erase({"c-1"});
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(erased->file_count(), 2);
  ASSERT_THAT(desk_.Tasks(kRemoveEvidence), SizeIs(1));
  EXPECT_EQ(desk_.tasks().at("remove-evidence:f-1").payload, "f-1");
  EXPECT_THAT(desk_.Find<EvidenceFile>("f-2")->claim_ids(), ElementsAre("c-2"));
  EXPECT_EQ(Erase({"c-1"})->file_count(), 0) << "a second time there is nothing";
  ASSERT_THAT(Erase({"c-2"}), IsOk());
  EXPECT_THAT(desk_.Tasks(kRemoveEvidence), SizeIs(2));
}

}  // namespace
}  // namespace makegood::rules
