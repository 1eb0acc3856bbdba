// E-mails as bytes: what the mail rules ask for, and that nothing can be slipped in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <rapidcheck/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/notifications/email.h"
#include "services/notifications/mailer.h"
#include "tests/support/rules_support.h"
#include "tests/support/scratch.h"
#include "tests/support/smtp_server.h"
#include "tests/support/status_matchers.h"

namespace makegood {
namespace {

using notifications::Compose;
using notifications::Email;
using notifications::EmailDraft;
using notifications::HeaderText;
using notifications::QuotedPrintable;
using testing::At;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::Scratch;
using ::testing::SizeIs;
using testing::SmtpServer;
using testing::StatusIs;

EmailDraft SomeDraft() {
  EmailDraft draft;
  draft.id = "ntc-03-abc";
  draft.from = "orders@mall.example.com";
  draft.sender_name = "MALL / Mimovrste";
  draft.to = "c-1001@example.com";
  draft.subject = "Plain";
  draft.body = "One\nTwo\n";
  draft.language = "cs";
  draft.time = At("2026-09-01T10:00+02:00");
  return draft;
}

TEST(NotificationsEmail, NTF_04_TheSameNoticeIsTheSameEmailByteForByte) {
  const Email email = *Compose(SomeDraft());
  EXPECT_EQ(email.message_id, "<ntc-03-abc@mall.example.com>");
  EXPECT_EQ(email.content, Compose(SomeDraft())->content);
  EXPECT_THAT(email.content, HasSubstr("Date: Tue, 01 Sep 2026 08:00:00 +0000\r\n"));
  EXPECT_THAT(email.content, HasSubstr("\r\n\r\nOne\r\nTwo\r\n"));
}

TEST(NotificationsEmail, SYS_07_AddressesThatAreNoneAreRefused) {
  for (const char* address :
       {"", "c-1001", "@example.com", "a@", "a@b@example.com", "a b@example.com", "a@exa mple.com",
        "a@example.com\r\nBcc: x@example.org", "a\n@example.com", "<a@example.com>", "a@example.com>",
        "a,b@example.com", "\"a\"@example.com", ".a@example.com", "a..b@example.com", "a@example..com",
        "jos\u00e9@example.com"}) {
    EmailDraft draft = SomeDraft();
    draft.to = address;
    const absl::StatusOr<Email> email = Compose(draft);
    EXPECT_THAT(email, StatusIs(absl::StatusCode::kInvalidArgument)) << address;
    draft = SomeDraft();
    draft.from = address;
    EXPECT_THAT(Compose(draft), StatusIs(absl::StatusCode::kInvalidArgument)) << address;
  }
  EmailDraft draft = SomeDraft();
  draft.to = "first.last+tag@mail.example.co.uk";
  EXPECT_EQ(Compose(draft)->to, draft.to);
}

TEST(NotificationsEmail, NTF_04_AnAddressOfAnyScriptGoesInAscii) {
  EmailDraft draft = SomeDraft();
  draft.from = "shop@obchůdek.example";
  draft.to = "zhang@例子。测试";
  const absl::StatusOr<Email> email = Compose(draft);
  ASSERT_TRUE(email.ok()) << email.status();
  EXPECT_EQ(email->from, "shop@xn--obchdek-0tb.example");
  EXPECT_EQ(email->to, "zhang@xn--fsqu00a.xn--0zwm56d");
  EXPECT_EQ(email->message_id, "<ntc-03-abc@xn--obchdek-0tb.example>");
  EXPECT_THAT(email->content, HasSubstr("To: zhang@xn--fsqu00a.xn--0zwm56d\r\n"));
  for (const char c : email->content) ASSERT_GT(c, 0);
}

TEST(NotificationsEmail, SYS_09_AnErrorDoesNotRepeatTheAddress) {
  EmailDraft draft = SomeDraft();
  draft.to = "someone\n@example.com";
  EXPECT_THAT(std::string(Compose(draft).status().message()), Not(HasSubstr("someone")));
}

TEST(NotificationsEmail, SYS_07_NoTextCanAddAHeader) {
  EmailDraft draft = SomeDraft();
  draft.subject = "Hello\r\nBcc: x@example.org\r\n\r\nbody";
  draft.sender_name = "\"Shop\" <x@example.org>\r\nBcc: y@example.org";
  const Email email = *Compose(draft);
  const std::string headers = email.content.substr(0, email.content.find("\r\n\r\n"));
  EXPECT_THAT(headers, Not(HasSubstr("Bcc")));
  EXPECT_THAT(headers, Not(HasSubstr("example.org")));
}

TEST(NotificationsEmail, NTF_05_ALongSubjectIsFoldedBetweenCharacters) {
  std::string subject;
  for (int i = 0; i < 40; ++i) subject += "订单";
  const std::string header = HeaderText(subject);
  for (absl::string_view line : absl::StrSplit(header, "\r\n ")) EXPECT_LE(line.size(), 75u);
  EXPECT_EQ(HeaderText("Your order o-1"), "Your order o-1");
}

// Reads quoted-printable back, by its definition.
std::string Unquoted(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '=' && text.compare(i, 3, "=\r\n") == 0) {
      i += 3;
    } else if (text[i] == '=') {
      plain += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 3;
    } else if (text[i] == '\r') {
      ++i;
    } else {
      plain += text[i++];
    }
  }
  return plain;
}

RC_GTEST_PROP(NotificationsEmailProperty, NTF_05_EveryBodyArrivesAsItWasAndInShortLines, (std::string body)) {
  const std::string quoted = QuotedPrintable(body);
  for (absl::string_view line : absl::StrSplit(quoted, "\r\n")) {
    RC_ASSERT(line.size() <= 76u);
    RC_ASSERT((line.empty() || (line.back() != ' ' && line.back() != '\t')));
  }
  RC_ASSERT(
      std::all_of(quoted.begin(), quoted.end(), [](char c) { return static_cast<unsigned char>(c) < 128; }));
  std::string back = Unquoted(quoted);
  if (!body.empty() && body.back() != '\n') body += '\n';
  RC_ASSERT(back == body);
}

// A mail server that encrypts: the certificate is checked, and a password never goes in the clear.
class NotificationsSmtp : public ::testing::Test {
 protected:
  notifications::SmtpOptions To(const SmtpServer& server) const {
    notifications::SmtpOptions options;
    options.url = server.url();
    options.ca_file = server.certificate();
    return options;
  }
  absl::Status Send(const notifications::SmtpOptions& options) const {
    return notifications::MakeSmtpMailer(options)->Send(*Compose(SomeDraft()), absl::InfiniteFuture());
  }
  const Scratch scratch_;
};

TEST_F(NotificationsSmtp, NTF_05_SmtpsAndStarttlsAreSpokenWithATrustedServer) {
  for (const char* mode : {"smtps", "starttls"}) {
    const SmtpServer server(scratch_.Path(mode), mode);
    EXPECT_THAT(Send(To(server)), IsOk()) << mode;
    ASSERT_THAT(server.Received(), SizeIs(1)) << mode;
    EXPECT_EQ(server.Received()[0].headers.at("Encrypted"), "yes") << mode;
  }
}

// The system takes the connection, and nobody ever says a word.
TEST(NotificationsStop, SYS_06_AStopGivesUpWhatAMuteServerHoldsUp) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  notifications::SmtpOptions options;
  options.url = absl::StrCat("smtp://127.0.0.1:", ntohs(address.sin_port));
  options.timeout = options.connect_timeout = absl::Minutes(5);
  const auto mailer = notifications::MakeSmtpMailer(options);
  absl::Status answer;
  std::thread sender([&] { answer = mailer->Send(*Compose(SomeDraft()), absl::Now() + absl::Minutes(5)); });
  mailer->Stop();
  sender.join();  // never, in the test's time, without the stop
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kUnavailable));
  close(listener);
}

TEST_F(NotificationsSmtp, NTF_05_AServerWithAStrangersCertificateGetsNothing) {
  for (const char* mode : {"smtps", "starttls"}) {
    const SmtpServer server(scratch_.Path(mode), mode);
    notifications::SmtpOptions options = To(server);
    options.ca_file.clear();
    EXPECT_THAT(Send(options), StatusIs(absl::StatusCode::kUnavailable)) << mode;
    EXPECT_THAT(server.Received(), IsEmpty()) << mode;
  }
}

TEST_F(NotificationsSmtp, NTF_05_AUserSignsInBehindEncryptionOnly) {
  const SmtpServer server(scratch_.Path("starttls"), "starttls");
  notifications::SmtpOptions options = To(server);
  options.user = "mailer";
  options.password = "open sesame";
  EXPECT_THAT(Send(options), IsOk());
  options.password = "wrong";
  EXPECT_THAT(Send(options), StatusIs(absl::StatusCode::kUnavailable));
  const SmtpServer plain(scratch_.Path("plain"));
  options.url = plain.url();
  EXPECT_THAT(Send(options), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(plain.Received(), IsEmpty());
}

TEST_F(NotificationsSmtp, NTF_05_AServerThatTakesNobodysEmailIsAwayAndRefusesNone) {
  for (const char* greeting : {"554", "421"}) {
    const SmtpServer server(scratch_.Path(greeting), greeting);
    EXPECT_THAT(Send(To(server)), StatusIs(absl::StatusCode::kUnavailable)) << greeting;
  }
  SmtpServer server(scratch_.Path("open"));
  server.Treat({"421", "451", "550", "ok"});
  EXPECT_THAT(Send(To(server)), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Send(To(server)), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Send(To(server)), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Send(To(server)), IsOk());
}

// As any e-mail that is not taken now: the next one is.
TEST_F(NotificationsSmtp, SYS_13_AServerThatHangsAtARecipientIsThereForTheOthers) {
  SmtpServer server(scratch_.Path("open"));
  server.Treat({"hang", "ok"});
  notifications::SmtpOptions options = To(server);
  options.timeout = absl::Milliseconds(500);
  EXPECT_THAT(Send(options), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Send(To(server)), IsOk());
}

TEST(NotificationsOutbox, NTF_05_WithoutAMailServerEmailsAreFilesAPersonCanOpen) {
  const Scratch scratch;
  const std::string folder = scratch.Path("outbox");
  const std::unique_ptr<notifications::Mailer> outbox = notifications::MakeOutbox(folder);
  const Email email = *Compose(SomeDraft());
  ASSERT_THAT(outbox->Send(email, absl::InfiniteFuture()), IsOk());
  ASSERT_THAT(outbox->Send(email, absl::InfiniteFuture()), IsOk());  // NTF-04: a repeat replaces it
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  EXPECT_THAT(names, ::testing::ElementsAre("ntc-03-abc.eml"));
  std::ifstream file(folder + "/ntc-03-abc.eml");
  std::stringstream content;
  content << file.rdbuf();
  EXPECT_EQ(content.str(), email.content);
}

TEST(NotificationsOutbox, NTF_05_AFolderThatCannotBeWrittenIsTriedAgain) {
  const Scratch scratch;
  testing::WriteFile(scratch.Path("file"), "in the way");
  const auto outbox = notifications::MakeOutbox(scratch.Path("file/outbox"));
  EXPECT_THAT(outbox->Send(*Compose(SomeDraft()), absl::InfiniteFuture()),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace makegood
