#include "services/notifications/email.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/rules/fields/formats.h"

namespace makegood::notifications {
namespace {

constexpr size_t kMaxWordBytes = 42;  // 56 in base64, 68 as an encoded word: fits a folded line
constexpr size_t kMaxQuotedLine = 76;

bool IsAtom(absl::string_view text) {
  constexpr absl::string_view kOthers = "!#$%&'*+-/=?^_`{|}~.";
  return !text.empty() && text.front() != '.' && text.back() != '.' && !absl::StrContains(text, "..") &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains(kOthers, c);
         });
}

bool IsPlainText(absl::string_view text) {
  return !absl::StrContains(text, "=?") && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c));
  });
}

// How many bytes of `text` fit a word without cutting a character in two.
size_t WordBytes(absl::string_view text) {
  if (text.size() <= kMaxWordBytes) return text.size();
  size_t end = kMaxWordBytes;
  while (end > 1 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

// Days and months are English whatever the locale (RFC 5322).
std::string HeaderDate(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", time, absl::UTCTimeZone());
}

// A phrase that may hold any sign: as text where it is plain words, quoted where it is plain, encoded
// otherwise.
std::string HeaderPhrase(absl::string_view text) {
  if (!IsPlainText(text)) return HeaderText(text);
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

}  // namespace

std::string HeaderText(absl::string_view text) {
  // A plain line that is short enough goes as it is.
  if (IsPlainText(text) && text.size() <= 60) return std::string(text);
  std::string encoded;
  while (!text.empty()) {
    const size_t bytes = WordBytes(text);
    absl::StrAppend(&encoded, encoded.empty() ? "" : "\r\n ", "=?UTF-8?B?",
                    absl::Base64Escape(text.substr(0, bytes)), "?=");
    text.remove_prefix(bytes);
  }
  return encoded;
}

std::string QuotedPrintable(absl::string_view text) {
  std::string encoded;
  size_t line = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      encoded += "\r\n";
      line = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    const bool as_is = (byte > 32 && byte < 127 && byte != '=') || (byte == ' ' && !ends_line);
    const std::string sign = as_is ? std::string(1, text[i]) : absl::StrFormat("=%02X", byte);
    if (line + sign.size() >= kMaxQuotedLine) {
      encoded += "=\r\n";
      line = 0;
    }
    encoded += sign;
    line += sign.size();
  }
  if (line > 0) encoded += "\r\n";
  return encoded;
}

absl::StatusOr<Email> Compose(const EmailDraft& draft) {
  const std::optional<std::string> from = rules::AsciiEmail(draft.from);
  const std::optional<std::string> to = rules::AsciiEmail(draft.to);
  if (!from.has_value()) return absl::InvalidArgumentError("the sender's address is none");
  if (!to.has_value()) return absl::InvalidArgumentError("the recipient's address is none");
  if (!IsAtom(draft.id) || !IsAtom(draft.language)) return absl::InvalidArgumentError("an id is none");

  Email email;
  email.id = draft.id;
  email.from = *from;
  email.to = *to;
  email.message_id = absl::StrCat("<", draft.id, from->substr(from->rfind('@')), ">");
  email.content = absl::StrCat("Date: ", HeaderDate(draft.time), "\r\n",                             //
                               "From: ", HeaderPhrase(draft.sender_name), "\r\n <", *from, ">\r\n",  //
                               "To: ", *to, "\r\n",                                                  //
                               "Subject: ", HeaderText(draft.subject), "\r\n",                       //
                               "Message-ID: ", email.message_id, "\r\n",                             //
                               "Auto-Submitted: auto-generated\r\n",                                 //
                               "MIME-Version: 1.0\r\n",                                              //
                               "Content-Language: ", draft.language, "\r\n",                         //
                               "Content-Type: text/plain; charset=utf-8\r\n",                        //
                               "Content-Transfer-Encoding: quoted-printable\r\n\r\n",                //
                               QuotedPrintable(draft.body));
  return email;
}

}  // namespace makegood::notifications
