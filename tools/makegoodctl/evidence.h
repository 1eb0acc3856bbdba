// Photos and videos up and down (CLM-02).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "makegood/claims/v1/claims.pb.h"
#include "tools/makegoodctl/client.h"

namespace makegood::ctl {

// Sends the file at `path` as evidence of `claim_id`, announcing size and digest. Safe to repeat with
// the same `request_id`.
absl::StatusOr<claims::v1::Claim> UploadEvidence(Client& client, const base::v1::Actor& actor,
                                                 const std::string& claim_id, const std::string& path,
                                                 const std::string& request_id);

// The bytes of a photo or video.
absl::StatusOr<std::string> DownloadEvidence(Client& client, const base::v1::Actor& actor,
                                             const std::string& claim_id, const std::string& evidence_id);

// A file's bytes. NOT_FOUND names the path.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace makegood::ctl
