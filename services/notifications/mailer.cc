#include "services/notifications/mailer.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/base/status.h"

namespace makegood::notifications {
namespace {

// Once in a process; curl asks for it before the first handle.
void InitialiseCurl() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)done;
}

// What is left to send, as curl asks for it.
size_t ReadContent(char* buffer, size_t size, size_t count, void* left) {
  auto& rest = *static_cast<absl::string_view*>(left);
  const size_t bytes = std::min(size * count, rest.size());
  std::memcpy(buffer, rest.data(), bytes);
  rest.remove_prefix(bytes);
  return bytes;
}

struct EasyCleanup {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// SMTP answers 5xx to what it will never take, and 4xx to an e-mail that it does not take now. What it says
// before it has heard of the e-mail, a refused sign-in as well, and 421, with which it hangs up, say nothing
// `of_email`: like a server that is away, that holds up all of them. One that has greeted and then says no
// more is there: it may be this e-mail alone that it hangs at, which holds up no other.
absl::Status StatusOf(CURLcode code, long smtp_code, bool of_email) {
  if (code == CURLE_OK) return absl::OkStatus();
  const std::string text = absl::StrCat("SMTP: ", curl_easy_strerror(code), ", last answer ", smtp_code);
  if (code == CURLE_OPERATION_TIMEDOUT && smtp_code >= 200) return absl::AbortedError(text);
  if (!of_email || smtp_code < 400 || smtp_code == 421) return absl::UnavailableError(text);
  return smtp_code < 500 ? absl::AbortedError(text) : absl::FailedPreconditionError(text);
}

class SmtpMailer final : public Mailer {
 public:
  explicit SmtpMailer(SmtpOptions options) : options_(std::move(options)) { InitialiseCurl(); }

  absl::Status Send(const Email& email, absl::Time deadline) override {
    const absl::Duration left = std::min(deadline - absl::Now(), options_.timeout);
    if (left < absl::Milliseconds(1)) return absl::UnavailableError("SMTP: no time left");
    const std::unique_ptr<CURL, EasyCleanup> curl(curl_easy_init());
    const std::unique_ptr<curl_slist, ListCleanup> recipients(
        curl_slist_append(nullptr, absl::StrCat("<", email.to, ">").c_str()));
    if (curl == nullptr || recipients == nullptr) return absl::UnavailableError("SMTP: out of memory");
    absl::string_view content = email.content;
    SetConnection(curl.get(), left);
    const std::string from = absl::StrCat("<", email.from, ">");
    curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, from.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, ReadContent);
    curl_easy_setopt(curl.get(), CURLOPT_READDATA, &content);
    curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, IsOver);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, this);

    const CURLcode code = curl_easy_perform(curl.get());
    long smtp_code = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &smtp_code);
    // To its addresses and to its content.
    const bool of_email = code == CURLE_SEND_ERROR || content.size() < email.content.size();
    return StatusOf(code, smtp_code, of_email);
  }

  absl::Status Erase(const std::string&) override { return absl::OkStatus(); }

  void Stop() override { stopping_ = true; }

 private:
  // Asked by libcurl about once a second, also while the other end says nothing.
  static int IsOver(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<SmtpMailer*>(self)->stopping_ ? 1 : 0;
  }

  void SetConnection(CURL* curl, absl::Duration left) const {
    curl_easy_setopt(curl, CURLOPT_URL, options_.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(left)));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(absl::ToInt64Milliseconds(std::min(left, options_.connect_timeout))));
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     static_cast<long>(options_.user.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    if (!options_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
    if (!options_.user.empty()) {
      curl_easy_setopt(curl, CURLOPT_USERNAME, options_.user.c_str());
      curl_easy_setopt(curl, CURLOPT_PASSWORD, options_.password.c_str());
    }
  }

  const SmtpOptions options_;
  std::atomic<bool> stopping_ = false;
};

// A file descriptor that closes itself.
class File {
 public:
  File(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool ok() const { return fd_ >= 0; }
  bool Sync() const { return ok() && fsync(fd_) == 0; }
  bool Write(absl::string_view bytes) const {
    while (ok() && !bytes.empty()) {
      const ssize_t written = write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return ok();
  }

 private:
  const int fd_;
};

class Outbox final : public Mailer {
 public:
  explicit Outbox(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Send(const Email& email, absl::Time) override {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    const std::string path = PathOf(email.id);
    const std::string draft = DraftOf(path);
    if (!WriteWhole(draft, email.content) || rename(draft.c_str(), path.c_str()) != 0) return DiskError();
    return KeepFolder();
  }

  absl::Status Erase(const std::string& id) override {
    bool there = false;
    const std::string path = PathOf(id);
    for (const std::string& name : {path, DraftOf(path)}) {
      if (unlink(name.c_str()) == 0) {
        there = true;
      } else if (errno != ENOENT) {
        return DiskError();
      }
    }
    return there ? KeepFolder() : absl::OkStatus();
  }

 private:
  std::string PathOf(const std::string& id) const { return absl::StrCat(folder_, "/", id, ".eml"); }
  static std::string DraftOf(const std::string& path) { return absl::StrCat(path, ".new"); }
  static absl::Status DiskError() {
    return absl::UnavailableError(absl::StrCat("outbox: ", std::strerror(errno)));
  }
  // Makes the names in the folder durable.
  absl::Status KeepFolder() const {
    return File(folder_, O_RDONLY | O_DIRECTORY).Sync() ? absl::OkStatus() : DiskError();
  }
  static bool WriteWhole(const std::string& path, absl::string_view content) {
    const File file(path, O_WRONLY | O_CREAT | O_TRUNC);
    return file.Write(content) && file.Sync();
  }

  const std::string folder_;
};

}  // namespace

std::unique_ptr<Mailer> MakeSmtpMailer(SmtpOptions options) {
  return std::make_unique<SmtpMailer>(std::move(options));
}

std::unique_ptr<Mailer> MakeOutbox(std::string folder) { return std::make_unique<Outbox>(std::move(folder)); }

}  // namespace makegood::notifications
