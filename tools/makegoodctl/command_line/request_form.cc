#include "tools/makegoodctl/command_line/request_form.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <optional>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/rules/fields/field_check.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "makegood/base/v1/command.pb.h"
#include "makegood/base/v1/field.pb.h"
#include "tools/makegoodctl/client/files.h"
#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/values.h"
#include "tools/makegoodctl/terminal/terminal.h"

namespace makegood::ctl {
namespace {

using base::v1::FieldRule;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kLargestRequest = size_t{16} * 1024 * 1024;  // more than any server takes
constexpr char kFieldsGroup[] = "Fields";
constexpr char kCommandGroup[] = "How it is done";
constexpr char kPageGroup[] = "Pages";

const FieldRule& FieldRuleOf(const FieldDescriptor& field) {
  return field.options().GetExtension(base::v1::field);
}

bool IsHeader(const FieldDescriptor& field) {
  return field.message_type() == base::v1::Command::descriptor();
}

bool IsPaging(const FieldDescriptor& field) {
  return field.name() == "page_size" || field.name() == "page_token" || field.name() == "resume_token";
}

bool IsFlattened(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !field.is_repeated() && !HasShortForm(field);
}

std::string Kebab(absl::string_view name) { return absl::StrReplaceAll(name, {{"_", "-"}}); }

// "unit" for units: each of a list is given by itself.
std::string OneOf(const FieldDescriptor& field) {
  return std::string(field.is_repeated() ? absl::StripSuffix(field.name(), "s") : field.name());
}

void AddOptions(const Descriptor& type, const std::vector<const FieldDescriptor*>& path,
                const std::string& prefix, std::vector<FieldOption>& options) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsHeader(field) || IsPaging(field)) continue;
    std::vector<const FieldDescriptor*> here = path;
    here.push_back(&field);
    if (IsFlattened(field)) {
      const std::string inner = rules::IsRequired(field) ? prefix : absl::StrCat(prefix, field.name(), "_");
      AddOptions(*field.message_type(), here, inner, options);
      continue;
    }
    FieldOption option;
    option.path = here;
    option.field = absl::StrJoin(
        here, ".", [](std::string* out, const FieldDescriptor* part) { absl::StrAppend(out, part->name()); });
    option.name = absl::StrCat("--", Kebab(absl::StrCat(prefix, OneOf(field))));
    options.push_back(std::move(option));
  }
}

// Whether all messages that lead to the field must be there.
bool IsWithinRequired(const FieldOption& option) {
  return std::all_of(option.path.begin(), std::prev(option.path.end()),
                     [](const FieldDescriptor* part) { return rules::IsRequired(*part); });
}

// What the contract says of a field, and what it must hold.
std::string HelpOf(const FieldOption& option) {
  const FieldDescriptor& field = *option.path.back();
  const FieldRule& rule = FieldRuleOf(field);
  std::vector<std::string> limits;
  if (rules::IsRequired(field) && IsWithinRequired(option)) limits.emplace_back("required");
  if (rule.max_length() > 0) limits.push_back(absl::StrCat("up to ", rule.max_length(), " characters"));
  if (rule.has_min() && rule.has_max()) {
    limits.push_back(absl::StrCat(rule.min(), " to ", rule.max()));
  } else if (rule.has_min()) {
    limits.push_back(absl::StrCat(rule.min(), " or more"));
  }
  if (field.is_repeated()) {
    limits.emplace_back(field.enum_type() == nullptr ? "may be repeated"
                                                     : "may be repeated, or several with commas");
  }
  return absl::StrCat(InCommands(CommentOf(field)), limits.empty() ? "" : " (", absl::StrJoin(limits, "; "),
                      limits.empty() ? "" : ")");
}

// An option without a variable of its own: its words are asked for when all are there. CLI11 takes an
// explanation only by reference where there is no variable.
CLI::Option* AddPlain(CLI::App& app, const std::string& names, const std::string& help,
                      const std::string& type, const char* group) {
  return app.add_option(names, help)->type_name(type)->group(group);
}

CLI::Option* AddPlainFlag(CLI::App& app, const std::string& name, const std::string& help,
                          const char* group) {
  return app.add_flag(name, help)->group(group);
}

CLI::Option* AddOption(const FieldOption& field_option, bool positional, CLI::App& app) {
  const FieldDescriptor& field = *field_option.path.back();
  const std::string help = HelpOf(field_option);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    return AddPlainFlag(app, field_option.name, help, kFieldsGroup);
  }
  const std::string names =
      positional ? absl::StrCat(field_option.name, ",", field.name()) : field_option.name;
  CLI::Option* const option = AddPlain(app, names, help, WantedValue(field), kFieldsGroup);
  if (field.is_repeated()) option->take_all();
  if (field.is_repeated() && positional) option->expected(-1);
  return option;
}

// The values that an option was given. Several words of an enum may stand in one, with commas between them,
// as its help does.
std::vector<std::string> GivenTo(const FieldOption& option) {
  const FieldDescriptor& field = *option.path.back();
  if (!field.is_repeated() || field.enum_type() == nullptr) return option.option->results();
  std::vector<std::string> words;
  for (const std::string& given : option.option->results()) {
    for (const absl::string_view word : absl::StrSplit(given, ',')) {
      words.emplace_back(absl::StripAsciiWhitespace(word));
    }
  }
  return words;
}

// The message that holds the last field of `path`, made where it is not there.
Message& Parent(Message& message, const std::vector<const FieldDescriptor*>& path) {
  Message* parent = &message;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    parent = parent->GetReflection()->MutableMessage(parent, path[i]);
  }
  return *parent;
}

// What stands behind a field in a violation's path, for people: "[2].sku" is " no. 3, sku", ".currency" is
// ", currency". Nothing where the path is another field's that begins alike.
std::optional<std::string> SpellRest(absl::string_view rest) {
  std::string text;
  int index = 0;
  const size_t bracket = rest.find(']');
  if (absl::StartsWith(rest, "[") && bracket != absl::string_view::npos &&
      absl::SimpleAtoi(rest.substr(1, bracket - 1), &index)) {
    text = absl::StrCat(" no. ", index + 1);
    rest.remove_prefix(bracket + 1);
  }
  if (rest.empty()) return text;
  if (!absl::ConsumePrefix(&rest, ".")) return std::nullopt;
  return absl::StrCat(text, ", ", rest);
}

// A problem as someone who types words needs it: an enum that is unspecified is one that was not given.
std::string InWords(const std::string& problem, const FieldDescriptor& field) {
  if (field.enum_type() == nullptr || field.is_repeated() || problem != "is unspecified") return problem;
  return absl::StrCat("is missing, want one of ", absl::StrJoin(EnumWords(*field.enum_type()), ", "));
}

}  // namespace

std::vector<FieldOption> OptionsOf(const Descriptor& request) {
  std::vector<FieldOption> options;
  AddOptions(request, {}, "", options);
  return options;
}

const FieldDescriptor* HeaderOf(const Descriptor& request) {
  const FieldDescriptor* const header = request.FindFieldByName("command");
  return header != nullptr && IsHeader(*header) ? header : nullptr;
}

std::string FreshRequestId() {
  std::random_device random;
  return absl::StrFormat("ctl-%08x%08x%08x%08x", random(), random(), random(), random());
}

RequestForm::RequestForm(const Descriptor& request, const std::vector<std::string>& positionals,
                         const std::vector<std::string>& left_out, CLI::App& app)
    : type_(request), positionals_(positionals) {
  std::vector<FieldOption> options = OptionsOf(request);
  const auto among = [](const std::vector<std::string>& fields, const FieldOption& option) {
    return std::find(fields.begin(), fields.end(), option.field) != fields.end();
  };
  // CLI11 takes positionals in the order they were added.
  for (const std::string& positional : positionals) {
    for (FieldOption& option : options) {
      if (option.field == positional) option.option = AddOption(option, true, app);
    }
  }
  for (FieldOption& option : options) {
    if (among(left_out, option)) continue;
    if (option.option == nullptr) option.option = AddOption(option, false, app);
    options_.push_back(option);
  }
  AddPaging(app);
  if (HeaderOf(type_) != nullptr) AddHeader(app);
  from_ = AddPlain(app, "--from",
                   "The request as JSON, from a file or - for standard input; options go before it", "FILE",
                   kCommandGroup);
}

void RequestForm::AddPaging(CLI::App& app) {
  for (int i = 0; i < type_.field_count(); ++i) {
    const FieldDescriptor& field = *type_.field(i);
    if (!IsPaging(field)) continue;
    FieldOption option{{&field}, field.name(), absl::StrCat("--", Kebab(field.name()))};
    option.option = AddPlain(app, option.name, HelpOf(option), WantedValue(field), kPageGroup);
    options_.push_back(option);
  }
  if (type_.FindFieldByName("page_size") == nullptr) return;
  all_ = AddPlainFlag(app, "--all", "All pages, one after another", kPageGroup);
}

void RequestForm::AddHeader(CLI::App& app) {
  const Descriptor& header = *base::v1::Command::descriptor();
  const auto help = [&header](const char* field) { return CommentOf(*header.FindFieldByName(field)); };
  request_id_ = AddPlain(app, "--request-id", help("request_id") + " A fresh one where none is given.",
                         "TEXT", kCommandGroup);
  dry_run_ = AddPlainFlag(app, "--dry-run", help("validate_only"), kCommandGroup);
  show_ = AddPlainFlag(app, "--show", "Show the whole record, not only what has become of it", kCommandGroup);
  expected_version_ = AddPlain(app, "--expected-version", help("expected_version"), "NUMBER", kCommandGroup);
}

bool RequestForm::show_whole() const { return show_ != nullptr && show_->count() > 0; }
bool RequestForm::all_pages() const { return all_ != nullptr && all_->count() > 0; }
std::vector<std::string> RequestForm::narrowed_by() const {
  std::vector<std::string> names;
  for (const FieldOption& option : options_) {
    const bool whose =
        std::find(positionals_.begin(), positionals_.end(), option.field) != positionals_.end();
    const bool wider = option.field == "most_urgent_first" || option.field == "with_put_off";
    if (option.option->count() > 0 && !whose && !wider && !IsPaging(*option.path.back())) {
      names.push_back(option.name);
    }
  }
  return names;
}
bool RequestForm::told_from_now() const {
  return std::any_of(options_.begin(), options_.end(), [](const FieldOption& option) {
    if (option.path.back()->message_type() != google::protobuf::Timestamp::descriptor()) return false;
    const std::vector<std::string> given = option.option->results();
    return std::any_of(given.begin(), given.end(),
                       [](const std::string& text) { return IsToldFromNow(text); });
  });
}
bool RequestForm::request_id_given() const { return request_id_ != nullptr && request_id_->count() > 0; }

absl::Status RequestForm::ReadJson(Message& message) const {
  if (from_->count() == 0) return absl::OkStatus();
  const std::string& path = from_->results().front();
  ASSIGN_OR_RETURN(const std::string json, ReadFile(path, kLargestRequest));
  const auto read = google::protobuf::util::JsonStringToMessage(json, &message);
  if (read.ok()) return absl::OkStatus();
  return InvalidFields(
      {{"--from", absl::StrCat(path, " is no JSON of a ", type_.name(), ": ",
                               absl::StrReplaceAll(std::string(read.message()), {{"\n", " "}}))}});
}

absl::Status RequestForm::FillHeader(Message& message) const {
  if (!is_command()) return absl::OkStatus();
  auto& header =
      static_cast<base::v1::Command&>(*message.GetReflection()->MutableMessage(&message, HeaderOf(type_)));
  if (request_id_->count() > 0) {
    const std::string& given = request_id_->results().front();
    if (!IsUtf8(given)) return InvalidFields({{"--request-id", "is no UTF-8"}});
    header.set_request_id(given);
  }
  if (header.request_id().empty()) header.set_request_id(FreshRequestId());
  if (dry_run_->count() > 0) header.set_validate_only(true);
  if (expected_version_->count() > 0) {
    int64_t version = 0;
    if (!absl::SimpleAtoi(expected_version_->results().front(), &version)) {
      return InvalidFields({{"--expected-version", "is not a whole number"}});
    }
    header.set_expected_version(version);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Message>> RequestForm::Fill(const Moment& moment) const {
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type_)->New());
  RETURN_IF_ERROR(ReadJson(*message));
  std::vector<FieldViolation> violations;
  for (const FieldOption& option : options_) {
    // Messages that must be there are, so that what is missing in them is told field by field.
    if (IsWithinRequired(option)) Parent(*message, option.path);
    if (option.option->count() == 0) continue;
    Message& parent = Parent(*message, option.path);
    parent.GetReflection()->ClearField(&parent, option.path.back());
    for (const std::string& text : GivenTo(option)) {
      const absl::Status set = IsUtf8(text) ? SetValue(parent, *option.path.back(), text, moment)
                                            : absl::InvalidArgumentError("is no UTF-8");
      if (!set.ok()) violations.push_back({option.name, std::string(set.message())});
    }
  }
  if (!violations.empty()) return InvalidFields(violations);
  RETURN_IF_ERROR(FillHeader(*message));
  return message;
}

absl::Status RequestForm::Check(const Message& request) {
  const std::vector<FieldViolation> violations = rules::CheckFields(request);
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

FieldViolation RequestForm::Spell(const FieldViolation& violation) const {
  if (absl::StartsWith(violation.field, "--")) return violation;
  if (absl::StartsWith(violation.field, "command.")) {
    const absl::string_view name = absl::StripPrefix(violation.field, "command.");
    return {name == "validate_only" ? "--dry-run" : absl::StrCat("--", Kebab(name)), violation.problem};
  }
  for (const FieldOption& option : options_) {
    if (!absl::StartsWith(violation.field, option.field)) continue;
    const std::optional<std::string> rest =
        SpellRest(absl::string_view(violation.field).substr(option.field.size()));
    if (!rest.has_value()) continue;
    return {option.name + *rest,
            rest->empty() ? InWords(violation.problem, *option.path.back()) : violation.problem};
  }
  return violation;
}

}  // namespace makegood::ctl
