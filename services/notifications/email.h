// E-mails as they travel: RFC 5322, MIME and UTF-8. Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace makegood::notifications {

// An e-mail ready to go.
struct Email {
  std::string id;          // the notice's; a repeat has the same
  std::string from;        // address in ASCII
  std::string to;          // address in ASCII
  std::string message_id;  // "<ntc-…@mall.example.com>", the same at every attempt (NTF-04)
  std::string content;     // headers and body; lines end with CRLF and are short
};

// What an e-mail is made from.
struct EmailDraft {
  std::string id;           // letters, digits, - and .
  std::string from;         // sender's address, as it is kept
  std::string sender_name;  // any UTF-8
  std::string to;           // recipient's address, as it is kept
  std::string subject;      // any UTF-8
  std::string body;         // any UTF-8, lines end with \n
  std::string language;
  absl::Time time;  // the Date header; a repeat is the same byte for byte
};

// The e-mail, or INVALID_ARGUMENT for an address that is none: nothing a caller puts in can add a
// header or a recipient. A domain of another script goes in its ASCII form, which every server takes. Errors
// do not repeat the address (SYS-09).
absl::StatusOr<Email> Compose(const EmailDraft& draft);

// UTF-8 text as the value of a header: encoded words of RFC 2047 (folded) where it is not plain ASCII.
std::string HeaderText(absl::string_view text);

// A body in quoted-printable (RFC 2045); lines end with CRLF.
std::string QuotedPrintable(absl::string_view text);

}  // namespace makegood::notifications
