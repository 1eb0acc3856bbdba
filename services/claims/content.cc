#include "services/claims/content.h"

#include <magic.h>

#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "services/claims/content_checks.h"

namespace makegood::services {
void ContentTypes::Close::operator()(magic_set* cookie) const { magic_close(cookie); }

absl::StatusOr<std::string> ContentTypes::Of(absl::string_view head) {
  if (const absl::string_view type = TypeOfBoxes(head); !type.empty()) return std::string(type);
  ASSIGN_OR_RETURN(Cookie cookie, Borrow());
  const char* const named = magic_buffer(cookie.get(), head.data(), std::min(head.size(), kHead));
  if (named == nullptr) return absl::UnavailableError("the type of a file cannot be told now");
  std::string type = named;  // the cookie's own memory, used again by the next call
  GiveBack(std::move(cookie));
  return type;
}

absl::StatusOr<ContentTypes::Cookie> ContentTypes::Borrow() {
  {
    absl::MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      Cookie cookie = std::move(idle_.back());
      idle_.pop_back();
      return cookie;
    }
  }
  Cookie cookie(magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS));
  if (cookie == nullptr || magic_load(cookie.get(), nullptr) != 0) {
    return absl::UnavailableError("libmagic's database cannot be loaded");
  }
  return cookie;
}

void ContentTypes::GiveBack(Cookie cookie) {
  absl::MutexLock lock(&mutex_);
  idle_.push_back(std::move(cookie));
}

absl::Status CheckWhole(int fd, int64_t size, absl::string_view content_type) {
  ContentFile file(fd, size);
  if (content_type == "image/jpeg") return CheckJpeg(file);
  if (content_type == "image/png") return CheckPng(file);
  if (content_type == "image/webp") return CheckWebp(file);
  if (content_type == "image/heic" || content_type == "image/heif") return CheckHeif(file);
  if (content_type == "video/mp4" || content_type == "video/quicktime") return CheckFilm(file);
  return Broken("there is no check for files of this type");
}

}  // namespace makegood::services
