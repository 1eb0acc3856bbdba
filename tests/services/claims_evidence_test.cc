// The claims service end to end: evidence in and out (CLM-02).
#include "tests/services/claims_fixture.h"

namespace makegood::services {
namespace {

TEST_F(ClaimsServiceTest, CLM_02_EvidenceComesBackByteForByte) {
  Delivered("tmall");
  const Claim claim = Opened();
  for (const std::string& content :
       {SampleFile("parcel.jpg"), SampleFile("parcel.png"), LongFilm(3'000'000)}) {
    ASSERT_THAT(Upload(claim, content), IsOk());
    const auto back = Download(claim, Sha256Hex(content));
    ASSERT_THAT(back, IsOk());
    EXPECT_TRUE(*back == content);
  }
  const Claim stored = Get(claim);
  ASSERT_THAT(stored.evidence(), SizeIs(3));
  EXPECT_EQ(stored.evidence(0).content_type(), "image/jpeg");
  EXPECT_EQ(stored.evidence(2).content_type(), "video/mp4");
  EXPECT_EQ(stored.evidence(2).evidence_id(), Sha256Hex(LongFilm(3'000'000)));
  EXPECT_THAT(Files(), SizeIs(3));
  EXPECT_THAT(Events(&Event::has_evidence_added), SizeIs(3));
}

TEST_F(ClaimsServiceTest, CLM_02_WhatPhonesWriteIsTaken) {
  Delivered("tmall");
  const Claim claim = Opened();
  for (const char* const name : {"parcel.heic", "parcel.webp"}) {
    const std::string picture = SampleFile(name);
    EXPECT_THAT(Upload(claim, picture), IsOk()) << name;
    EXPECT_THAT(Upload(claim, picture.substr(0, picture.size() - 1)), RefusedBy("CLM-02")) << name;
  }
  EXPECT_EQ(Get(claim).evidence(0).content_type(), "image/heic");
  EXPECT_THAT(Files(), SizeIs(2));
}

TEST_F(ClaimsServiceTest, CLM_02_TheSameFileTwiceIsOne) {
  Delivered("tmall");
  const Claim claim = Opened();
  const Claim other = Opened();
  const std::string picture = SampleFile("parcel.jpg");
  EXPECT_THAT(Upload(claim, picture), IsOk());
  const auto again = Upload(claim, picture);
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(again->evidence(), SizeIs(1));
  EXPECT_THAT(Upload(other, picture), IsOk());
  EXPECT_THAT(Files(), ElementsAre(Sha256Hex(picture)));
}

TEST_F(ClaimsServiceTest, SYS_02_AnUploadSentAgainIsAnsweredAgain) {
  Delivered("tmall");
  const Claim claim = Opened();
  const std::string picture = SampleFile("parcel.jpg");
  const auto header = Header(claim, picture);
  const auto first = Upload(header, picture);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Do(&Stub::RetractClaim, Customer(), testing::About<claims::v1::RetractClaimRequest>(claim)),
              IsOk());
  const auto second = Upload(header, picture);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->version(), second->version());
  auto other = header;
  const std::string png = SampleFile("parcel.png");
  other.set_size_bytes(static_cast<int64_t>(png.size()));
  EXPECT_THAT(Upload(other, png), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Files(), ElementsAre(Sha256Hex(picture)));
}

TEST_F(ClaimsServiceTest, CLM_02_WhatIsRefusedLeavesNothingBehind) {
  Delivered("tmall");
  const Claim claim = Opened();
  const std::string picture = SampleFile("parcel.jpg");
  // A text that calls itself a picture: only the content counts, there is no name to believe.
  EXPECT_THAT(Upload(claim, "parcel.jpg\n"), RefusedBy("CLM-02"));
  // Cut off; more than announced; another digest; nothing.
  auto header = Header(claim, picture);
  EXPECT_THAT(Upload(header, picture.substr(0, 500)), RefusedBy("CLM-02"));
  header.set_size_bytes(100);
  EXPECT_THAT(Upload(header, picture), RefusedBy("CLM-02"));
  header = Header(claim, picture);
  header.set_sha256(Sha256Hex("another"));
  EXPECT_THAT(Upload(header, picture), RefusedBy("CLM-02"));
  EXPECT_THAT(Upload(Header(claim, ""), ""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Upload(Header(claim, picture), ""), RefusedBy("CLM-02"));
  // As long as announced, and broken.
  EXPECT_THAT(Upload(claim, picture.substr(0, picture.size() - 2)), RefusedBy("CLM-02"));
  EXPECT_THAT(Files(), IsEmpty());
  EXPECT_THAT(Get(claim).evidence(), IsEmpty());
  EXPECT_THAT(Events(&Event::has_evidence_added), IsEmpty());
}

TEST_F(ClaimsServiceTest, CLM_02_TooLargeIsRefusedBeforeItIsSent) {
  Delivered("tmall");
  const Claim claim = Opened();
  const std::string film = LongFilm(40 << 20);
  size_t sent = 0;
  EXPECT_THAT(Upload(Header(claim, film), film, Customer(), &sent), RefusedBy("CLM-02"));
  EXPECT_LT(sent, film.size());
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(ClaimsServiceTest, CLM_02_AFullClaimTakesNoMoreAndLosesNothing) {
  Delivered("tmall");
  const Claim claim = Opened();
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    ASSERT_THAT(Upload(claim, LongFilm((10 << 20) - 4096, seed)), IsOk());
  }
  EXPECT_THAT(Upload(claim, LongFilm(1 << 20, 6)), RefusedBy("CLM-02"));
  EXPECT_THAT(Files(), SizeIs(5));
}

TEST_F(ClaimsServiceTest, CLM_13_AClaimThatTakesNoEvidenceLeavesNoFile) {
  Delivered("tmall");
  const Claim claim = Opened();
  ASSERT_THAT(Do(&Stub::RetractClaim, Customer(), testing::About<claims::v1::RetractClaimRequest>(claim)),
              IsOk());
  EXPECT_THAT(Upload(claim, SampleFile("parcel.jpg")), RefusedBy("CLM-13"));
  Delivered("mall", "o-2");
  const auto approved = OpenClaim({{"l-1", 1}}, "o-2");
  ASSERT_THAT(approved, IsOk());
  EXPECT_THAT(Upload(*approved, SampleFile("parcel.jpg")), RefusedBy("CLM-13"));
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(ClaimsServiceTest, SYS_03_APreviewOfAnUploadKeepsNothing) {
  Delivered("tmall");
  const Claim claim = Opened();
  const std::string picture = SampleFile("parcel.jpg");
  auto header = Header(claim, picture);
  header.mutable_command()->set_validate_only(true);
  const auto preview = Upload(header, picture);
  ASSERT_THAT(preview, IsOk());
  EXPECT_THAT(preview->evidence(), SizeIs(1));
  EXPECT_THAT(Get(claim).evidence(), IsEmpty());
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(ClaimsServiceTest, ROL_06_ROL_11_EvidenceIsForThoseConcerned) {
  Delivered("tmall");
  const Claim claim = Opened();
  const std::string picture = SampleFile("parcel.jpg");
  const std::string id = Sha256Hex(picture);
  EXPECT_THAT(Upload(Header(claim, picture), picture, Customer("c-2")), DeniedBy("ROL-06"));
  EXPECT_THAT(Upload(Header(claim, picture), picture, testing::Auditor()), DeniedBy("ROL-06"));
  EXPECT_THAT(Upload(Header(claim, picture), picture, Employee()), IsOk());
  EXPECT_THAT(Download(claim, id, Customer("c-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(Download(claim, id, Employee("m-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(Download(claim, id, testing::Courier()), DeniedBy("ROL-11"));
  EXPECT_THAT(Download(claim, id, testing::Auditor()), IsOk());
  EXPECT_THAT(Download(claim, Sha256Hex("another")), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace makegood::services
