#include "tools/makegoodctl/client/evidence.h"

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "tools/makegoodctl/client/files.h"

namespace makegood::ctl {
namespace {

constexpr size_t kChunk = size_t{256} * 1024;
constexpr absl::Duration kStreamDeadline = absl::Minutes(10);

// Ends a call over which nothing has moved for as long as `patience`.
class StallGuard {
 public:
  StallGuard(grpc::ClientContext& context, absl::Duration patience)
      : context_(context), patience_(patience), thread_([this] { Watch(); }) {}
  ~StallGuard() {
    {
      absl::MutexLock lock(&mutex_);
      over_ = true;
    }
    thread_.join();
  }
  StallGuard(const StallGuard&) = delete;
  StallGuard& operator=(const StallGuard&) = delete;

  void Moved() {
    absl::MutexLock lock(&mutex_);
    moved_ = absl::Now();
  }
  // How the call ended: DEADLINE_EXCEEDED where it was ended here.
  absl::Status Judge(const grpc::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (!stalled_ || status.ok()) return rpc::FromGrpc(status);
    return absl::DeadlineExceededError(
        absl::StrCat("nothing has moved for ", absl::FormatDuration(patience_)));
  }

 private:
  void Watch() {
    absl::MutexLock lock(&mutex_);
    while (!over_ && absl::Now() < moved_ + patience_) {
      mutex_.AwaitWithDeadline(absl::Condition(&over_), moved_ + patience_);
    }
    if (over_) return;
    stalled_ = true;
    context_.TryCancel();
  }

  grpc::ClientContext& context_;
  const absl::Duration patience_;
  absl::Mutex mutex_;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  bool stalled_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time moved_ ABSL_GUARDED_BY(mutex_) = absl::Now();
  std::thread thread_;  // the last: it uses the others
};

absl::StatusOr<claims::v1::Claim> UploadOnce(Client& client, const base::v1::Actor& actor,
                                             const claims::v1::EvidenceHeader& header,
                                             const std::string& bytes, const BytesMoved& moved) {
  grpc::ClientContext context;
  rpc::Prepare(context, actor, kStreamDeadline);
  StallGuard guard(context, client.timeout);
  claims::v1::Claim claim;
  const auto stream = client.claims->UploadEvidence(&context, &claim);
  claims::v1::UploadEvidenceRequest piece;
  *piece.mutable_header() = header;
  bool open = stream->Write(piece);
  for (size_t sent = 0; open && sent < bytes.size(); sent += kChunk) {
    piece.set_chunk(bytes.substr(sent, kChunk));
    open = stream->Write(piece);
    guard.Moved();
    if (moved != nullptr) moved(static_cast<int64_t>(sent + piece.chunk().size()), header.size_bytes());
  }
  stream->WritesDone();
  RETURN_IF_ERROR(guard.Judge(stream->Finish()));
  return claim;
}

}  // namespace

absl::StatusOr<claims::v1::Claim> UploadEvidence(Client& client, const base::v1::Actor& actor,
                                                 claims::v1::EvidenceHeader header, const std::string& path,
                                                 const BytesMoved& moved) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  if (bytes.empty()) return absl::InvalidArgumentError(absl::StrCat("the file ", path, " is empty"));
  header.set_size_bytes(static_cast<int64_t>(bytes.size()));
  header.set_sha256(Sha256Hex(bytes));
  return Retried(absl::Now() + client.timeout,
                 [&] { return UploadOnce(client, actor, header, bytes, moved); });
}

absl::StatusOr<claims::v1::Claim> UploadEvidence(Client& client, const base::v1::Actor& actor,
                                                 const std::string& claim_id, const std::string& path,
                                                 const std::string& request_id) {
  claims::v1::EvidenceHeader header;
  header.mutable_command()->set_request_id(request_id);
  header.set_claim_id(claim_id);
  return UploadEvidence(client, actor, std::move(header), path);
}

absl::StatusOr<std::string> DownloadEvidence(Client& client, const base::v1::Actor& actor,
                                             const std::string& claim_id, const std::string& evidence_id,
                                             const BytesMoved& moved) {
  grpc::ClientContext context;
  rpc::Prepare(context, actor, kStreamDeadline);
  StallGuard guard(context, client.timeout);
  claims::v1::DownloadEvidenceRequest request;
  request.set_claim_id(claim_id);
  request.set_evidence_id(evidence_id);
  const auto stream = client.claims->DownloadEvidence(&context, request);
  std::string bytes;
  claims::v1::DownloadEvidenceResponse piece;
  while (stream->Read(&piece)) {
    bytes += piece.chunk();
    guard.Moved();
    if (moved != nullptr) moved(static_cast<int64_t>(bytes.size()), 0);
  }
  RETURN_IF_ERROR(guard.Judge(stream->Finish()));
  if (Sha256Hex(bytes) != evidence_id) {
    return absl::DataLossError(absl::StrCat("what came is not ", evidence_id, ": its SHA-256 is another"));
  }
  return bytes;
}

}  // namespace makegood::ctl
