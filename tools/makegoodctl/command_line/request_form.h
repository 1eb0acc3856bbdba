// A request as a form: every field of it is an option of the command, named, explained and limited as
// the contract has it.
//
//   order_id                  --order-id TEXT
//   ClaimKind kind            --kind {missing,wrong,damaged}
//   repeated ClaimedUnits units   --unit line_id=…,quantity=…   (as often as there are units)
//   Money amount              --amount "199.00 CNY"
//   ContactDetails recipient  --recipient-name, --recipient-city…
//
// The fields of a message that is required stand without its name before them (--reason, not
// --cancellation-reason); those of one that may be absent carry it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "google/protobuf/message.h"
#include "tools/makegoodctl/command_line/moment.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace makegood::ctl {

// One option, and the field behind it.
struct FieldOption {
  std::vector<const google::protobuf::FieldDescriptor*> path;  // from the request on
  std::string field;                                           // the same, dotted: "order.lines"
  std::string name;                                            // "--line"
  CLI::Option* option = nullptr;                               // owned by the app
};

// The options of a request's fields. `command`, `page_size` and `page_token` are not among them.
std::vector<FieldOption> OptionsOf(const google::protobuf::Descriptor& request);

class RequestForm {
 public:
  // Adds the options to `app`. `positionals` are fields that may be given without their option's name;
  // `left_out` are fields that the command itself fills in. Lives no longer than the app.
  RequestForm(const google::protobuf::Descriptor& request, const std::vector<std::string>& positionals,
              const std::vector<std::string>& left_out, CLI::App& app);

  // The request as given: --from, then the options, then the command's header (a fresh request_id
  // where none was given). INVALID_ARGUMENT names every option that is wrong.
  // Times in it are read as of `moment`.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Fill(const Moment& moment = {}) const;

  // What is wrong with a request by its contract, before anything is sent (SYS-07); fields as Fill.
  static absl::Status Check(const google::protobuf::Message& request);

  // The violations of a status, told by option: "units[0].quantity" is "--unit no. 1, quantity".
  FieldViolation Spell(const FieldViolation& violation) const;

  const std::vector<FieldOption>& options() const { return options_; }
  bool all_pages() const;
  // A person wants to see the whole record, not what has become of it.
  bool show_whole() const;
  bool is_command() const { return request_id_ != nullptr; }
  bool request_id_given() const;
  // The options given that a list may find less by: none that says whose it is, its order or its page.
  std::vector<std::string> narrowed_by() const;
  // A time was given that is another one when it is asked for again, such as +2d.
  bool told_from_now() const;

 private:
  void AddHeader(CLI::App& app);
  void AddPaging(CLI::App& app);
  absl::Status ReadJson(google::protobuf::Message& message) const;
  absl::Status FillHeader(google::protobuf::Message& message) const;

  const google::protobuf::Descriptor& type_;
  const std::vector<std::string> positionals_;
  std::vector<FieldOption> options_;
  CLI::Option* from_ = nullptr;
  CLI::Option* request_id_ = nullptr;
  CLI::Option* dry_run_ = nullptr;
  CLI::Option* expected_version_ = nullptr;
  CLI::Option* all_ = nullptr;
  CLI::Option* show_ = nullptr;
};

// A request_id nobody has used: "ctl-" and 128 random bits.
std::string FreshRequestId();

// The header of a command's request; nullptr in requests that have none.
const google::protobuf::FieldDescriptor* HeaderOf(const google::protobuf::Descriptor& request);

}  // namespace makegood::ctl
