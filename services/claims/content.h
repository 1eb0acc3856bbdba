// What a file is, by its content (CLM-02).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

struct magic_set;

namespace makegood::services {

// Names content as libmagic does, e.g. "image/jpeg"; films and pictures of a brand that it does not know, by
// what they are compatible with. Thread-safe: a cookie serves one call at a
// time, and there are as many as there are calls at a time.
class ContentTypes {
 public:
  // How much of a file's beginning is enough to name it.
  static constexpr size_t kHead = 16 << 10;

  ContentTypes() = default;
  ContentTypes(const ContentTypes&) = delete;
  ContentTypes& operator=(const ContentTypes&) = delete;

  // The type of content that begins with `head`. UNAVAILABLE if libmagic's database is not there.
  absl::StatusOr<std::string> Of(absl::string_view head);

 private:
  struct Close {
    void operator()(magic_set* cookie) const;
  };
  using Cookie = std::unique_ptr<magic_set, Close>;

  absl::StatusOr<Cookie> Borrow();
  void GiveBack(Cookie cookie);

  absl::Mutex mutex_;
  std::vector<Cookie> idle_ ABSL_GUARDED_BY(mutex_);
};

// Refused under CLM-02 where the file of `size` bytes does not come to its own end, is broken or holds no
// picture: see content_checks.h. So is a file of a type without a check: a policy names none (see
// policy_check). `fd` is open for reading.
absl::Status CheckWhole(int fd, int64_t size, absl::string_view content_type);

}  // namespace makegood::services
