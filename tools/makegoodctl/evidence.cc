#include "tools/makegoodctl/evidence.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"

namespace makegood::ctl {
namespace {

constexpr size_t kChunk = size_t{256} * 1024;

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("the file ", path, " cannot be opened"));
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

absl::StatusOr<claims::v1::Claim> UploadEvidence(Client& client, const base::v1::Actor& actor,
                                                 const std::string& claim_id, const std::string& path,
                                                 const std::string& request_id) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  grpc::ClientContext context;
  client.Begin(context, actor);
  claims::v1::Claim claim;
  const auto stream = client.claims->UploadEvidence(&context, &claim);

  claims::v1::UploadEvidenceRequest piece;
  piece.mutable_header()->mutable_command()->set_request_id(request_id);
  piece.mutable_header()->set_claim_id(claim_id);
  piece.mutable_header()->set_size_bytes(static_cast<int64_t>(bytes.size()));
  piece.mutable_header()->set_sha256(Sha256Hex(bytes));
  bool open = stream->Write(piece);
  for (size_t sent = 0; open && sent < bytes.size(); sent += kChunk) {
    piece.set_chunk(bytes.substr(sent, kChunk));
    open = stream->Write(piece);
  }
  stream->WritesDone();
  RETURN_IF_ERROR(rpc::FromGrpc(stream->Finish()));
  return claim;
}

absl::StatusOr<std::string> DownloadEvidence(Client& client, const base::v1::Actor& actor,
                                             const std::string& claim_id, const std::string& evidence_id) {
  grpc::ClientContext context;
  client.Begin(context, actor);
  claims::v1::DownloadEvidenceRequest request;
  request.set_claim_id(claim_id);
  request.set_evidence_id(evidence_id);
  const auto stream = client.claims->DownloadEvidence(&context, request);
  std::string bytes;
  claims::v1::DownloadEvidenceResponse piece;
  while (stream->Read(&piece)) bytes += piece.chunk();
  RETURN_IF_ERROR(rpc::FromGrpc(stream->Finish()));
  return bytes;
}

}  // namespace makegood::ctl
