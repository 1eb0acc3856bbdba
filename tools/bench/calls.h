// The calls that are measured: what each sends, and whether its answer is right.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace makegood::bench {

enum class Kind {
  kEcho,    // of Plan::request_bytes and reply_bytes
  kImport,  // ImportOrder: a delivered order with kClaimsPerOrder units, none of them claimed
  kOrder,   // GetOrder
  kCreate,  // OpenClaim on one unit
  kGet,     // GetClaim
};

inline constexpr int kClaimsPerOrder = 4;

// "create" for kCreate and so on, or nothing.
std::optional<Kind> KindOf(absl::string_view word);

struct Request {
  std::string path;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string body;
};

// What a run calls. Thread-safe.
class Plan {
 public:
  // The first request's number, and how many orders there are. The lengths are an echo's.
  Plan(Kind kind, int64_t first, int64_t orders, int request_bytes, int reply_bytes);

  // The ids of claims, one a line: those to get, and those created, which are added.
  absl::Status LoadClaims(const std::string& file);
  absl::Status AppendClaims(const std::string& file) const;

  // The request number `index`. Whatever must be different in each is: a repeated command would be
  // answered from its kept reply.
  Request Make(int64_t index) const;

  // Whether `reply` is what request `index` asked for.
  absl::Status Check(int64_t index, absl::string_view reply);

  Kind kind() const { return kind_; }
  int64_t first() const { return first_; }

 private:
  absl::Status CheckClaim(int64_t index, absl::string_view reply);

  const Kind kind_;
  const int64_t first_;
  const int64_t orders_;
  const int request_bytes_;
  const int reply_bytes_;
  std::vector<std::string> claims_;  // fixed once loaded
  mutable absl::Mutex mutex_;
  std::vector<std::string> created_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace makegood::bench
