#include "services/claims/evidence_transfer.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/rules/claims/claim_guards.h"
#include "common/rules/claims/claim_rules.h"
#include "common/rules/scope.h"
#include "services/claims/idle_limit.h"

namespace makegood::services {
namespace {

constexpr size_t kUploadPiece = 1 << 20;      // the contract's
constexpr size_t kDownloadPiece = 256 << 10;  // the contract's

// The claim, if it is within the caller's reach.
absl::StatusOr<claims::v1::Claim> ReadClaim(const rpc::Environment& environment,
                                            absl::StatusOr<store::Reader*> reader,
                                            const base::v1::Actor& actor, const std::string& claim_id,
                                            const rules::Method& method) {
  RETURN_IF_ERROR(reader.status());
  ASSIGN_OR_RETURN(
      claims::v1::Claim claim,
      rpc::GetRecord<claims::v1::Claim>(**reader, PartOf(claim_id, environment.store.parts()), claim_id));
  RETURN_IF_ERROR(rules::CheckAccess(actor, method, claim.merchant_id(), claim.customer_id()));
  return claim;
}

// What the claim's policy takes. What the claim holds already is looked at by the decision, so
// that an upload that is sent again is answered again (SYS-02).
absl::StatusOr<ExpectedFile> Expected(const rpc::Environment& environment, const claims::v1::Claim& claim,
                                      const claims::v1::EvidenceHeader& header) {
  ASSIGN_OR_RETURN(const rules::Policy* policy, environment.policies.At(claim.policy()));
  if (!policy->claims().has_verification()) {
    return Refusal("CLM-13", absl::StrCat(policy->marketplace(), " does not verify claims on evidence"));
  }
  const auto& verification = policy->claims().verification();
  ExpectedFile expected;
  expected.size_bytes = header.size_bytes();
  expected.sha256 = header.sha256();
  expected.max_file_bytes = std::min(verification.max_file_bytes(), verification.max_claim_bytes());
  expected.types.assign(verification.evidence_types().begin(), verification.evidence_types().end());
  return expected;
}

// True where a failed commit may have happened all the same.
bool IsUncertain(absl::StatusCode code) {
  return code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kInternal ||
         code == absl::StatusCode::kUnknown || code == absl::StatusCode::kDeadlineExceeded;
}

}  // namespace

// One stream's place among all, and its end.
class EvidenceTransfer::Stream {
 public:
  Stream(EvidenceTransfer& transfer, const grpc::CallbackServerContext& context,
         const google::protobuf::Descriptor& request)
      : transfer_(transfer), call_(context, request), pace_(transfer.pace_, absl::Now()) {}

  absl::Status TakePlace(const base::v1::Actor& actor) {
    ASSIGN_OR_RETURN(place_, transfer_.environment_.shares->transfers.Take(rules::CallerOf(actor)));
    return absl::OkStatus();
  }

  // Runs `start`, which begins a wait for the other side. Unless WaitEnded comes in time, `expired` runs with
  // what to end with. `this` may be gone when `start` returns.
  void Wait(absl::string_view what, absl::FunctionRef<void()> start,
            std::function<void(absl::Status)> expired) {
    idle_.Wait(pace_.Begin(absl::Now()), start,
               [this, what, expired = std::move(expired)] { expired(pace_.Expired(absl::Now(), what)); });
  }

  // What was waited for is there, so many bytes. False: too late, the stream is left to `expired`.
  bool WaitEnded(size_t bytes) {
    if (!idle_.End()) return false;
    on_time_ = pace_.End(absl::Now(), bytes);
    return true;
  }

  // Whether the other side keeps the pace.
  const absl::Status& on_time() const { return on_time_; }

  grpc::Status Close(const absl::Status& status) const {
    const std::string rule = RuleOf(status);
    if (!rule.empty() && transfer_.environment_.refused) transfer_.environment_.refused(rule);
    return call_.Close(status);
  }

 private:
  EvidenceTransfer& transfer_;
  const rpc::Call call_;
  Places::Place place_;
  Pace pace_;
  IdleLimit idle_;
  absl::Status on_time_;
};

// Header, pieces, end; the next piece is read when the last one is on disk.
class EvidenceTransfer::UploadReactor final
    : public grpc::ServerReadReactor<claims::v1::UploadEvidenceRequest> {
 public:
  UploadReactor(EvidenceTransfer& transfer, grpc::CallbackServerContext* context, claims::v1::Claim* reply)
      : transfer_(transfer),
        context_(*context),
        reply_(*reply),
        stream_(transfer, *context, *claims::v1::UploadEvidenceRequest::descriptor()) {
    Admit();
  }

  void OnReadDone(bool ok) override {
    if (!stream_.WaitEnded(ok ? piece_.chunk().size() : 0)) return;
    if (!ok) return AtEnd();
    if (!stream_.on_time().ok()) return EndLate(stream_.on_time());
    if (!file_asked_) return AtHeader();
    if (!piece_.has_chunk() || piece_.chunk().size() > kUploadPiece) {
      return End(
          InvalidFields({{"chunk", absl::StrCat("want 1 to ", kUploadPiece, " bytes, after one header")}}));
    }
    transfer_.pool_.Run([this] {
      if (absl::Status written = file_->Append(piece_.chunk()); !written.ok()) return End(written);
      ReadNext();
    });
  }

  void OnDone() override { delete this; }

 private:
  void Admit() {
    absl::StatusOr<base::v1::Actor> actor =
        rpc::Admit(context_, *claims::v1::UploadEvidenceRequest::descriptor());
    if (!actor.ok()) return End(actor.status());
    if (absl::Status taken = stream_.TakePlace(*actor); !taken.ok()) return End(taken);
    actor_ = *std::move(actor);
    ReadNext();
  }

  void ReadNext() {
    stream_.Wait(
        "no piece of the file came", [this] { StartRead(&piece_); },
        [this](const absl::Status& late) { EndLate(late); });
  }

  // On the pool, since a file may have to go.
  void EndLate(const absl::Status& late) {
    transfer_.pool_.Run([this, late] { End(late); });
  }

  void AtHeader() {
    file_asked_ = true;
    if (!piece_.has_header()) return End(InvalidFields({{"header", "is missing, want it first"}}));
    header_ = piece_.header();
    if (absl::Status checked = rpc::CheckFields(header_); !checked.ok()) return End(checked);
    transfer_.environment_.store.Read([this](absl::StatusOr<store::Reader*> reader) {
      const absl::StatusOr<claims::v1::Claim> claim =
          ReadClaim(transfer_.environment_, std::move(reader), actor_, header_.claim_id(),
                    rules::MethodOf<claims::v1::UploadEvidenceRequest>());
      if (!claim.ok()) return End(claim.status());
      absl::StatusOr<ExpectedFile> expected = Expected(transfer_.environment_, *claim, header_);
      if (!expected.ok()) return End(expected.status());
      transfer_.pool_.Run([this, expected = *std::move(expected)]() mutable { Begin(std::move(expected)); });
    });
  }

  void Begin(ExpectedFile expected) {
    absl::StatusOr<std::unique_ptr<IncomingFile>> file = transfer_.files_.Begin(std::move(expected));
    if (!file.ok()) return End(file.status());
    file_ = *std::move(file);
    ReadNext();
  }

  // The caller has sent all, or is gone.
  void AtEnd() {
    if (!file_asked_) return End(InvalidFields({{"header", "is missing, want it first"}}));
    transfer_.pool_.Run([this] {
      absl::StatusOr<claims::v1::Evidence> evidence = file_->Finish();
      if (!evidence.ok()) return End(evidence.status());
      if (absl::Status awaited = rpc::CheckAwaited(context_); !awaited.ok()) return End(awaited);
      Record(*std::move(evidence));
    });
  }

  void Record(claims::v1::Evidence evidence) {
    // The content of the command is the content of the file (SYS-02).
    header_.set_size_bytes(evidence.size_bytes());
    header_.set_sha256(evidence.evidence_id());
    store::Work work =
        rpc::CommandWork(transfer_.environment_, actor_, header_, header_.command(), header_.claim_id());
    work.decide = [claim_id = header_.claim_id(),
                   evidence = std::move(evidence)](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(const claims::v1::Claim claim, rules::AddEvidence(claim_id, evidence, tx));
      return claim.SerializeAsString();
    };
    transfer_.environment_.store.Submit(std::move(work), [this](absl::StatusOr<std::string> reply) {
      transfer_.pool_.Run([this, reply = std::move(reply)] { Settle(reply); });
    });
  }

  void Settle(const absl::StatusOr<std::string>& reply) {
    if (reply.ok() && !header_.command().validate_only()) {
      file_->Keep();
    } else if (!reply.ok() && IsUncertain(reply.status().code())) {
      file_->Leave();
    }
    if (!reply.ok()) return End(reply.status());
    if (!reply_.ParseFromString(*reply)) return End(absl::DataLossError("a kept reply cannot be read"));
    End(absl::OkStatus());
  }

  // The last thing done: `this` may be gone when it returns. What is not kept is removed before the
  // caller hears of it.
  void End(const absl::Status& status) {
    file_.reset();
    Finish(stream_.Close(status));
  }

  EvidenceTransfer& transfer_;
  grpc::CallbackServerContext& context_;
  claims::v1::Claim& reply_;
  Stream stream_;
  base::v1::Actor actor_;
  claims::v1::UploadEvidenceRequest piece_;
  claims::v1::EvidenceHeader header_;
  bool file_asked_ = false;
  std::unique_ptr<IncomingFile> file_;
};

// The next piece is read from disk when the last one is written to the wire.
class EvidenceTransfer::DownloadReactor final
    : public grpc::ServerWriteReactor<claims::v1::DownloadEvidenceResponse> {
 public:
  DownloadReactor(EvidenceTransfer& transfer, grpc::CallbackServerContext* context,
                  const claims::v1::DownloadEvidenceRequest* request)
      : transfer_(transfer),
        context_(*context),
        request_(*request),
        stream_(transfer, *context, *claims::v1::DownloadEvidenceRequest::descriptor()) {
    Admit();
  }

  void OnWriteDone(bool ok) override {
    if (!stream_.WaitEnded(piece_.chunk().size())) return;
    if (!ok) return End(absl::CancelledError("the caller is gone"));
    if (!stream_.on_time().ok()) return EndLate(stream_.on_time());
    transfer_.pool_.Run([this] { SendNext(); });
  }

  void OnDone() override { delete this; }

 private:
  void Admit() {
    absl::StatusOr<base::v1::Actor> actor =
        rpc::Admit(context_, *claims::v1::DownloadEvidenceRequest::descriptor());
    if (!actor.ok()) return End(actor.status());
    absl::Status admitted = rpc::CheckFields(request_);
    if (admitted.ok()) admitted = stream_.TakePlace(*actor);
    if (!admitted.ok()) return End(admitted);
    transfer_.environment_.store.Read(
        [this, actor = *std::move(actor)](absl::StatusOr<store::Reader*> reader) {
          const absl::StatusOr<claims::v1::Claim> claim =
              ReadClaim(transfer_.environment_, std::move(reader), actor, request_.claim_id(),
                        rules::MethodOf<claims::v1::DownloadEvidenceRequest>());
          if (!claim.ok()) return End(claim.status());
          const auto wanted = std::find_if(claim->evidence().begin(), claim->evidence().end(),
                                           [this](const claims::v1::Evidence& evidence) {
                                             return evidence.evidence_id() == request_.evidence_id();
                                           });
          if (wanted == claim->evidence().end()) return End(NotFound("evidence", request_.evidence_id()));
          if (wanted->has_erase_time()) return End(Refusal("SYS-09", "the evidence was erased"));
          transfer_.pool_.Run([this] { Begin(); });
        });
  }

  void Begin() {
    absl::StatusOr<OutgoingFile> file = transfer_.files_.Read(request_.evidence_id());
    if (!file.ok()) return End(file.status());
    file_.emplace(*std::move(file));
    SendNext();
  }

  void SendNext() {
    absl::StatusOr<std::string> bytes = file_->Read(kDownloadPiece);
    if (!bytes.ok()) return End(bytes.status());
    if (bytes->empty()) return End(absl::OkStatus());
    piece_.set_chunk(*std::move(bytes));
    stream_.Wait(
        "no piece of the file was taken", [this] { StartWrite(&piece_); },
        [this](const absl::Status& late) { EndLate(late); });
  }

  void EndLate(const absl::Status& late) {
    context_.TryCancel();  // a status would wait behind the piece that nobody takes
    End(late);
  }

  // The last thing done: `this` may be gone when it returns.
  void End(const absl::Status& status) { Finish(stream_.Close(status)); }

  EvidenceTransfer& transfer_;
  grpc::CallbackServerContext& context_;
  const claims::v1::DownloadEvidenceRequest& request_;
  Stream stream_;
  std::optional<OutgoingFile> file_;
  claims::v1::DownloadEvidenceResponse piece_;
};

EvidenceTransfer::EvidenceTransfer(const rpc::Environment& environment, EvidenceStore& files, IoPool& pool,
                                   const PaceLimits& pace)
    : environment_(environment), files_(files), pool_(pool), pace_(pace) {}

grpc::ServerReadReactor<claims::v1::UploadEvidenceRequest>* EvidenceTransfer::Upload(
    grpc::CallbackServerContext* context, claims::v1::Claim* reply) {
  return new UploadReactor(*this, context, reply);
}

grpc::ServerWriteReactor<claims::v1::DownloadEvidenceResponse>* EvidenceTransfer::Download(
    grpc::CallbackServerContext* context, const claims::v1::DownloadEvidenceRequest* request) {
  return new DownloadReactor(*this, context, request);
}

}  // namespace makegood::services
