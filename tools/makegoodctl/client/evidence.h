// Photos and videos up and down (CLM-02). DEADLINE_EXCEEDED when nothing moves for as long as the client's
// time-out, which is no limit of the whole.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "makegood/claims/v1/claims.pb.h"
#include "makegood/claims/v1/claims_service.pb.h"
#include "tools/makegoodctl/client/client.h"

namespace makegood::ctl {

// Told how many bytes of how many have gone; the total is 0 where it is not known.
using BytesMoved = std::function<void(int64_t done, int64_t total)>;

// Sends the file at `path` as evidence, announcing size and digest; what is ambiguous is sent again, within
// the client's time-out.
// `header` names claim and command; size and digest are filled in. Statuses of ReadFile where the file
// cannot be read; INVALID_ARGUMENT if it is empty.
absl::StatusOr<claims::v1::Claim> UploadEvidence(Client& client, const base::v1::Actor& actor,
                                                 claims::v1::EvidenceHeader header, const std::string& path,
                                                 const BytesMoved& moved = nullptr);

// The same with no more than an id.
absl::StatusOr<claims::v1::Claim> UploadEvidence(Client& client, const base::v1::Actor& actor,
                                                 const std::string& claim_id, const std::string& path,
                                                 const std::string& request_id);

// The bytes of a photo or video; DATA_LOSS if they are not those its id, their SHA-256, promises.
absl::StatusOr<std::string> DownloadEvidence(Client& client, const base::v1::Actor& actor,
                                             const std::string& claim_id, const std::string& evidence_id,
                                             const BytesMoved& moved = nullptr);

}  // namespace makegood::ctl
