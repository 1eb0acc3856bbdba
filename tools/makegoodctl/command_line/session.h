// One run of makegoodctl: who calls whom, and how the outcome is told.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "tools/makegoodctl/client/client.h"
#include "tools/makegoodctl/command_line/request_form.h"
#include "tools/makegoodctl/command_line/values.h"
#include "tools/makegoodctl/terminal/terminal.h"

namespace makegood::ctl {

// Exit codes, as --help tells them.
enum ExitCode {
  kDone = 0,
  kFailed = 1,
  kWrongUsage = 2,   // or a field that is not as the contract has it
  kDoneInPart = 3,   // some rows of a file were refused
  kRefused = 4,      // by a rule, a role, or because the record has moved on
  kUnreachable = 5,  // or the outcome is unknown: safe to repeat
};

ExitCode ExitCodeOf(const absl::Status& status);

enum class Output { kTable, kJson, kText };

// What the options before any command's own say.
struct Settings {
  std::string server = "127.0.0.1:7400";
  std::string role = "operations";
  std::string actor = "operations-1";
  std::string store;
  std::string as;  // the profile named by --as
  // Where server, role, actor and store were said, by their names: "--role", "MAKEGOOD_ROLE", "profile shop".
  std::map<std::string, std::string> from;
  std::string output = "table";
  double timeout_seconds = absl::ToDoubleSeconds(kCallDeadline);
  bool utc = false;
};

// What an error refers to, where it is a command's.
struct Attempt {
  const RequestForm* form = nullptr;
  const google::protobuf::MethodDescriptor* method = nullptr;
  const google::protobuf::Message* request = nullptr;
  std::optional<int> exit_code = std::nullopt;  // where it is not ExitCodeOf the status
};

class Session {
 public:
  // `words` are the program's arguments, to be repeated by a person.
  Session(Settings settings, std::string command_path, std::vector<std::string> words);

  const Settings& settings() const { return settings_; }
  const Terminal& terminal() const { return terminal_; }
  Output output() const { return output_; }
  ValueStyle style() const;
  // How times are read that are given here: in the zone they are shown in, and where the server has a test
  // clock, from its present time. Outlives no session.
  Moment moment();
  // How long to wait for a server that does not answer, retries included.
  absl::Duration timeout() const { return absl::Seconds(settings_.timeout_seconds); }
  // The command under way, e.g. "claims approve".
  const std::string& command_path() const { return command_path_; }
  // The program's arguments as a shell takes them, with `more` behind.
  std::string CommandLine(const std::vector<std::string>& more) const;
  // Another command, as a shell takes it, called as this one is: "makegoodctl claims show clm-1 --as shop".
  std::string Another(const std::string& command) const;

  // Who calls. INVALID_ARGUMENT names each option that does not say who or where to: --role, --actor,
  // --store,
  // --server. To be asked before anything is sent.
  absl::StatusOr<base::v1::Actor> actor() const;
  // The server; connects with the first call.
  Client& client();

  // Tells on standard error what went wrong and what to do next, as JSON where output is; the exit code.
  int Fail(const absl::Status& status, const Attempt& attempt = {}) const;

 private:
  const Settings settings_;
  const std::string command_path_;
  const std::vector<std::string> words_;
  const Terminal terminal_;
  const Output output_;
  std::unique_ptr<Client> client_;
};

}  // namespace makegood::ctl
