#include "common/flow/backoff.h"

#include <algorithm>

#include "absl/random/random.h"

namespace makegood::flow {

absl::Duration Backoff(int failures, absl::Duration first, absl::Duration most) {
  absl::Duration wait = first;
  for (int i = 0; i < failures && wait < most; ++i) wait *= 2;
  absl::BitGen random;
  return std::min(wait, most) * absl::Uniform(random, 0.5, 1.0);
}

bool MayPass(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return false;
  }
}

bool IsFinal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kOutOfRange:
      return true;
    default:
      return false;
  }
}

}  // namespace makegood::flow
