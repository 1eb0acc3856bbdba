// Mailers hand e-mails over: to an SMTP server, or into a folder.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/notifications/email.h"

namespace makegood::notifications {

// Thread-safe. Blocks until it is handed over or given up.
class Mailer {
 public:
  virtual ~Mailer() = default;

  // OK: the other side has taken the e-mail. FAILED_PRECONDITION: refused for good (SMTP 5xx), with
  // the code in the text. ABORTED: not this one now (SMTP 4xx, or no word more after the greeting).
  // UNAVAILABLE: no e-mail now. Trying again may help, and may hand it over twice where the answer was lost
  // (NTF-04). `deadline` is on the wall clock. No address in any text.
  virtual absl::Status Send(const Email& email, absl::Time deadline) = 0;

  // Takes away what it still holds of the e-mail with this id (SYS-09): nothing where it was handed to
  // another server. OK also where there is none; UNAVAILABLE: not now.
  virtual absl::Status Erase(const std::string& id) = 0;

  // For the end of the process: what is being handed over is given up within about a second, UNAVAILABLE, and
  // nothing is sent any more. Its notice is still to be sent.
  virtual void Stop() {}
};

// Where and how to reach an SMTP server.
struct SmtpOptions {
  // smtp://host[:port] or smtps://host[:port]. smtp uses STARTTLS where it is offered, and insists on
  // it where there is a user. Certificates are checked.
  std::string url;
  std::string user;      // empty: no authentication
  std::string password;  // of that user
  std::string ca_file;  // PEM: who is trusted to sign the server's certificate; empty: whom the system trusts
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration timeout = absl::Seconds(30);  // for the whole exchange
};

std::unique_ptr<Mailer> MakeSmtpMailer(SmtpOptions options);

// The embedded default: writes each e-mail as <id>.eml into `folder`, which is made if it is not
// there, whole and on disk before it counts as handed over. A repeat replaces the file.
std::unique_ptr<Mailer> MakeOutbox(std::string folder);

}  // namespace makegood::notifications
