// Evidence in and out when the other side falls silent without a deadline: its stream ends, and its place is
// free again.
#include <optional>

#include "services/claims/claims_service.h"
#include "tests/services/claims_fixture.h"

namespace makegood::services {
namespace {

// Evidence for one stream at a time, whose callers may be silent but briefly. Its files are those of the
// service under test.
struct Impatient {
  Impatient(const rpc::Environment& of, const std::string& folder)
      : environment(of), files(folder), transfer(environment, files, pool, pace) {
    environment.shares = std::make_shared<rpc::Shares>(
        rpc::ShareLimits{.transfers = {.all = 3, .per_caller = 1, .per_store = 1, .kept = 1}});
  }

  rpc::Environment environment;
  const PaceLimits pace{.idle = absl::Milliseconds(500), .total = absl::Seconds(3)};
  EvidenceStore files;
  IoPool pool{2};
  EvidenceTransfer transfer;
};

class SilenceTest : public ClaimsServiceTest {
 protected:
  void SetUp() override {
    ClaimsServiceTest::SetUp();
    Delivered("tmall");
    claim_ = Opened();
    film_ = LongFilm(9'000'000);
    ASSERT_THAT(Upload(claim_, film_), IsOk());

    impatient_ = std::make_unique<Impatient>(rpc::Environment{*store_, policies(), clock_, nullptr},
                                             scratch_.Path("evidence"));
    orders_channel_ = rpc::MakeChannel(absl::StrCat("127.0.0.1:", others_->port()));
    service_.emplace(impatient_->environment, orders_channel_, impatient_->transfer);
    beside_ = std::make_unique<rpc::Server>(rpc::ServerOptions());
    beside_->AddService<claims::v1::ClaimsService>(*service_);
    ASSERT_THAT(beside_->Start(), IsOk());
    stub_ = claims::v1::ClaimsService::NewStub(rpc::MakeChannel(absl::StrCat("127.0.0.1:", beside_->port())));
  }

  void TearDown() override {
    stub_.reset();
    beside_->Drain();
    beside_.reset();
    service_.reset();
    impatient_.reset();
    ClaimsServiceTest::TearDown();
  }

  // Sends the beginning of an upload, then nothing more and no end; how the server ends that. Made again
  // while the call before still has the one place.
  absl::Status FallSilentAfter(const std::vector<claims::v1::UploadEvidenceRequest>& pieces) {
    absl::Status ended;
    EXPECT_TRUE(Eventually([&] {
      grpc::ClientContext context;
      rpc::Prepare(context, Customer(), kPatience);
      Claim reply;
      const auto writer = stub_->UploadEvidence(&context, &reply);
      for (const auto& piece : pieces) writer->Write(piece);
      ended = rpc::FromGrpc(writer->Finish());
      return !absl::IsResourceExhausted(ended);
    }));
    return ended;
  }

  // The one place is free, and takes an upload to its end.
  bool TakesAnother() {
    return Eventually([this] { return Upload(claim_, SampleFile("parcel.jpg")).ok(); });
  }

  Claim claim_;
  std::string film_;

 private:
  std::unique_ptr<Impatient> impatient_;
  std::shared_ptr<grpc::Channel> orders_channel_;
  std::optional<ClaimsService> service_;
  std::unique_ptr<rpc::Server> beside_;
};

// The server's words, not the client's of a deadline of its own.
auto EndedForSilence() {
  return ::testing::AllOf(StatusIs(absl::StatusCode::kDeadlineExceeded),
                          ::testing::Property(&absl::Status::message, "no piece of the file came for 500ms"));
}

TEST_F(SilenceTest, CLM_02_AnUploadThatNeverBeginsEnds) {
  EXPECT_THAT(FallSilentAfter({}), EndedForSilence());
  EXPECT_TRUE(TakesAnother());
}

TEST_F(SilenceTest, CLM_02_AnUploadThatStopsInTheMiddleLeavesNothing) {
  const std::string picture = SampleFile("parcel.png");
  std::vector<claims::v1::UploadEvidenceRequest> pieces(2);
  *pieces[0].mutable_header() = Header(claim_, picture);
  pieces[1].set_chunk(picture.substr(0, picture.size() / 2));
  EXPECT_THAT(FallSilentAfter({pieces[0]}), EndedForSilence());
  EXPECT_THAT(FallSilentAfter(pieces), EndedForSilence());
  EXPECT_TRUE(TakesAnother());
  EXPECT_THAT(Files(),
              ::testing::UnorderedElementsAre(Sha256Hex(film_), Sha256Hex(SampleFile("parcel.jpg"))));
  EXPECT_THAT(Get(claim_).evidence(), SizeIs(2));
}

// Begun anew where the first one has fallen silent for too long before the second one came.
TEST_F(SilenceTest, SYS_12_WhoTakesItsPlacesLeavesThoseOfOthers) {
  EXPECT_TRUE(Eventually([this] {
    grpc::ClientContext context;
    rpc::Prepare(context, Customer(), kPatience);
    Claim reply;
    const auto first = stub_->UploadEvidence(&context, &reply);
    claims::v1::UploadEvidenceRequest header;
    *header.mutable_header() = Header(claim_, SampleFile("parcel.png"));
    first->Write(header);
    const absl::StatusOr<Claim> second = Upload(claim_, SampleFile("parcel.png"));
    const absl::StatusOr<std::string> of_another = Download(claim_, Sha256Hex(film_), Operations());
    context.TryCancel();
    first->Finish();
    return of_another.ok() &&
           second.status().message() ==
               "customer c-1001 has taken 1 of 1 files of evidence on their way: the limit for one caller";
  }));
}

TEST_F(SilenceTest, SYS_12_AnUploadThatTricklesEnds) {
  const std::string picture = SampleFile("parcel.png");
  grpc::ClientContext context;
  rpc::Prepare(context, Customer(), kPatience);
  Claim reply;
  const auto writer = stub_->UploadEvidence(&context, &reply);
  claims::v1::UploadEvidenceRequest piece;
  *piece.mutable_header() = Header(claim_, picture);
  for (size_t sent = 0; sent < 100 && writer->Write(piece); ++sent) {
    piece.set_chunk(picture.substr(sent, 1));
    absl::SleepFor(absl::Milliseconds(100));
  }
  const absl::Status ended = rpc::FromGrpc(writer->Finish());
  EXPECT_THAT(ended, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(std::string(ended.message()), ::testing::HasSubstr("too slowly"));
  EXPECT_TRUE(TakesAnother());
}

TEST_F(SilenceTest, CLM_02_ADownloadThatNobodyReadsEnds) {
  grpc::ClientContext context;
  rpc::Prepare(context, Customer(), 2 * kPatience);
  claims::v1::DownloadEvidenceRequest request;
  request.set_claim_id(claim_.claim_id());
  request.set_evidence_id(Sha256Hex(film_));
  const auto reader = stub_->DownloadEvidence(&context, request);
  reader->WaitForInitialMetadata();  // the call is there
  EXPECT_TRUE(TakesAnother());
  claims::v1::DownloadEvidenceResponse piece;
  size_t read = 0;
  while (reader->Read(&piece)) read += piece.chunk().size();
  EXPECT_LT(read, film_.size());
  EXPECT_FALSE(reader->Finish().ok());
}

}  // namespace
}  // namespace makegood::services
