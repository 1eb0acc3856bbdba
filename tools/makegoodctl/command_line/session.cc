#include "tools/makegoodctl/command_line/session.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/rpc/channels.h"
#include "common/rules/fields/formats.h"
#include "common/rules/times.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/command.pb.h"
#include "makegood/base/v1/field.pb.h"
#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/json_object.h"
#include "tools/makegoodctl/command_line/rule_book.h"
#include "tools/makegoodctl/command_line/view.h"
#include "tools/makegoodctl/command_line/who.h"
#include "tools/makegoodctl/terminal/table.h"

namespace makegood::ctl {
namespace {

using google::protobuf::FieldDescriptor;

Output OutputNamed(const std::string& name) {
  if (name == "json") return Output::kJson;
  return name == "text" ? Output::kText : Output::kTable;
}

// A word as a shell takes it.
std::string Quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("_-./:=,+@%", c);
  });
  return plain ? word : absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

std::string RequestIdOf(const Attempt& attempt) {
  if (attempt.request == nullptr) return "";
  const FieldDescriptor* const header = HeaderOf(*attempt.request->GetDescriptor());
  if (header == nullptr) return "";
  return static_cast<const base::v1::Command&>(
             attempt.request->GetReflection()->GetMessage(*attempt.request, header))
      .request_id();
}

// Whether a refusal is about an order's money, which its account tells.
bool IsAboutMoney(const absl::Status& status) {
  const std::string rule = RuleOf(status);
  return rule == "RFD-01" || rule == "RFD-02";
}

// The command that shows why a request is refused, where that is not the one of the order it names but of the
// order's account, or of its thread, which has moved on; else nullptr.
const Command* OtherThatShows(const Session& session, const absl::Status& status) {
  if (IsAboutMoney(status)) return CommandFor("GetAccount");
  const bool thread = absl::IsAborted(status) && absl::StartsWith(session.command_path(), "chat ");
  return thread ? CommandFor("ListMessages") : nullptr;
}

// The command that shows what the request is about: "makegoodctl claims show clm-…"; empty if there is none.
std::string ShowCommand(const Session& session, const absl::Status& status, const Attempt& attempt) {
  if (attempt.request == nullptr) return "";
  const Command* const other = OtherThatShows(session, status);
  for (const FieldOption& option : attempt.form->options()) {
    const bool others = other != nullptr && option.field == other->positionals.front();
    const Command* const shows = others ? other : CommandThatShows(option.field);
    if (shows == nullptr || option.path.size() != 1) continue;
    const std::string id = WriteValue(*attempt.request, *option.path.back(), 0, {});
    if (!id.empty()) return session.Another(absl::StrCat(shows->path, " ", Quoted(id)));
  }
  return "";
}

// The same for what the request would make: its own first field names it.
std::string CreatedCommand(const Session& session, const Attempt& attempt) {
  if (attempt.request == nullptr) return "";
  for (const FieldOption& option : attempt.form->options()) {
    const Command* const shows = CommandThatShows(option.path.back()->name());
    if (shows == nullptr) continue;
    const std::string id = ValueAt(*attempt.request, option.field, {});
    if (!id.empty()) return session.Another(absl::StrCat(shows->path, " ", Quoted(id)));
  }
  return "";
}

std::string RolesOf(const google::protobuf::MethodDescriptor& method) {
  std::vector<std::string> roles;
  for (const int role : method.options().GetExtension(base::v1::access).roles()) {
    roles.push_back(TypedWord(*base::v1::Role_descriptor()->FindValueByNumber(role)));
  }
  return absl::StrJoin(roles, ", ");
}

absl::string_view IdProblem(const std::string& text) {
  return text.empty() ? "is empty" : rules::FormatProblem(base::v1::FORMAT_ID, text);
}

bool IsPort(absl::string_view text) {
  int port = 0;
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit) && absl::SimpleAtoi(text, &port) &&
         port >= 1 && port <= 65535;
}

// A name or an address, one of IPv6 in brackets, and a port.
bool IsHostAndPort(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || !IsPort(text.substr(colon + 1))) return false;
  absl::string_view host = text.substr(0, colon);
  const bool brackets = absl::ConsumePrefix(&host, "[");
  if (brackets && !absl::ConsumeSuffix(&host, "]")) return false;
  const absl::string_view marks = brackets ? ".:%" : ".-_";
  return !host.empty() && std::all_of(host.begin(), host.end(), [marks](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains(marks, c);
  });
}

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kInvalidArgument:
      return kWrongUsage;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return kRefused;
    default:
      return IsAmbiguous(status) ? kUnreachable : kFailed;
  }
}

Session::Session(Settings settings, std::string command_path, std::vector<std::string> words)
    : settings_(std::move(settings)),
      command_path_(std::move(command_path)),
      words_(std::move(words)),
      terminal_(LookAtTerminal()),
      output_(OutputNamed(settings_.output)) {}

ValueStyle Session::style() const {
  if (output_ != Output::kTable) return {absl::UTCTimeZone(), true};
  return {settings_.utc ? absl::UTCTimeZone() : absl::LocalTimeZone(), false};
}

Moment Session::moment() {
  const auto now = [this] {
    // A test clock tells services and Operations only; it is the program that asks it, not who calls.
    constexpr absl::Duration kClockPatience = absl::Seconds(2);
    grpc::ClientContext context;
    rpc::Prepare(context, MakeActor(base::v1::ROLE_SERVICE, "makegoodctl"),
                 std::min(kClockPatience, timeout()));
    base::v1::ClockTime time;
    const grpc::Status told = client().clock->GetTime(&context, {}, &time);
    return told.ok() ? rules::ToTime(time.time()) : absl::Now();
  };
  return {now, settings_.utc ? absl::UTCTimeZone() : absl::LocalTimeZone()};
}

std::string Session::CommandLine(const std::vector<std::string>& more) const {
  std::vector<std::string> words = {"makegoodctl"};
  for (const std::string& word : words_) words.push_back(Quoted(word));
  for (const std::string& word : more) words.push_back(Quoted(word));
  return absl::StrJoin(words, " ");
}

std::string Session::Another(const std::string& command) const {
  std::vector<std::string> words = {"makegoodctl", command};
  if (!settings_.as.empty()) words.insert(words.end(), {"--as", Quoted(settings_.as)});
  for (const WhoOption& option : WhoOptions()) {
    const std::string name = absl::StrCat("--", option.name);
    const auto from = settings_.from.find(option.name);
    if (from == settings_.from.end() || from->second != name) continue;
    words.insert(words.end(), {name, Quoted(settings_.*option.value)});
  }
  return absl::StrJoin(words, " ");
}

absl::StatusOr<base::v1::Actor> Session::actor() const {
  std::vector<FieldViolation> violations;
  const auto* const role = EnumValueNamed(*base::v1::Role_descriptor(), settings_.role);
  if (role == nullptr) {
    violations.push_back(
        {"--role", absl::StrCat("\"", settings_.role, "\" is not one of ",
                                absl::StrJoin(EnumWords(*base::v1::Role_descriptor()), ", "))});
  }
  if (const absl::string_view problem = IdProblem(settings_.actor); !problem.empty()) {
    violations.push_back({"--actor", std::string(problem)});
  }
  if (!settings_.store.empty() && !IdProblem(settings_.store).empty()) {
    violations.push_back({"--store", std::string(IdProblem(settings_.store))});
  }
  if (!IsHostAndPort(settings_.server)) {
    violations.push_back(
        {"--server",
         absl::StrCat("\"", settings_.server, "\" is not HOST:PORT, like 127.0.0.1:7400 or [::1]:7400")});
  }
  if (!violations.empty()) return InvalidFields(violations);
  return MakeActor(static_cast<base::v1::Role>(role->number()), settings_.actor, settings_.store);
}

Client& Session::client() {
  if (client_ == nullptr) client_ = std::make_unique<Client>(settings_.server, timeout());
  return *client_;
}

namespace {

// The command with what it must be given, taken from the request; nothing where that does not have it.
std::optional<std::string> WithPositionals(const Command& command, const Attempt& attempt) {
  std::string words = command.path;
  for (const std::string& field : command.positionals) {
    const std::string value = attempt.request == nullptr ? "" : ValueAt(*attempt.request, field, {});
    if (value.empty()) return std::nullopt;
    absl::StrAppend(&words, " ", Quoted(value));
  }
  return words;
}

// The command that lists what there is of a thing that there is not: "makegoodctl orders list"; empty if
// there is none. The error's first word is its kind.
std::string LookUpCommand(const Session& session, const absl::Status& status, const Attempt& attempt) {
  if (!absl::IsNotFound(status)) return "";
  const std::vector<std::string> words = absl::StrSplit(status.message(), ' ');
  const std::string path = absl::StrCat(absl::StrReplaceAll(words[0], {{"_", "-"}}), "s list");
  for (const Command& command : Commands()) {
    if (command.path != path) continue;
    const std::optional<std::string> list = WithPositionals(command, attempt);
    return list.has_value() ? session.Another(*list) : "";
  }
  return "";
}

bool IsForRole(const google::protobuf::MethodDescriptor& method, const std::string& role) {
  const auto* const value = EnumValueNamed(*base::v1::Role_descriptor(), role);
  const auto& roles = method.options().GetExtension(base::v1::access).roles();
  return value != nullptr && std::find(roles.begin(), roles.end(), value->number()) != roles.end();
}

// Who should call instead: another role, or, where the role is right, whoever this very thing belongs to.
std::vector<std::string> WhoElse(const Session& session, const absl::Status& status, const Attempt& attempt) {
  const Settings& settings = session.settings();
  if (attempt.method == nullptr || !IsForRole(*attempt.method, settings.role)) {
    std::vector<std::string> steps = {
        "Say who you are with --role, --actor and, for store people, --store, or with --as and a profile, "
        "see: makegoodctl profile --help"};
    if (attempt.method != nullptr) steps.push_back(absl::StrCat("It is for: ", RolesOf(*attempt.method)));
    return steps;
  }
  // Denials of another's things say what people reach; what else is denied says so itself.
  if (!absl::EndsWith(status.message(), " only")) return {};
  const std::string role(TypedWord(*EnumValueNamed(*base::v1::Role_descriptor(), settings.role)));
  const bool store = absl::StartsWith(role, "store_");
  const std::string whose = store                                       ? "the store it belongs to"
                            : role == "courier"                         ? "the courier who carries it"
                            : role == "customer" || role == "recipient" ? absl::StrCat("its own ", role)
                                                                        : "somebody else";
  const std::string you = store && settings.store.empty() ? absl::StrCat("a ", role, " of no store")
                          : store                         ? absl::StrCat(role, " of ", settings.store)
                                                          : absl::StrCat(role, " ", settings.actor);
  return {absl::StrCat("The role is right, but this one is for ", whose, "; you call as ", you,
                       ". Name another with ", store ? "--store." : "--actor.")};
}

// What to do next about a failure, one sentence a line.
std::vector<std::string> NextSteps(const Session& session, const absl::Status& status,
                                   const Attempt& attempt) {
  const std::string show = ShowCommand(session, status, attempt);
  const std::string request_id = RequestIdOf(attempt);
  std::vector<std::string> next;
  if (absl::IsInvalidArgument(status)) {
    const std::string& path = session.command_path();
    next.push_back(absl::StrCat("What it takes: makegoodctl ", path, path.empty() ? "" : " ", "--help"));
  } else if (absl::IsFailedPrecondition(status) && !show.empty()) {
    next.push_back(absl::StrCat("What can be done now: ", show));
  } else if (const std::string looks = LookUpCommand(session, status, attempt); !looks.empty()) {
    next.push_back(absl::StrCat("What there is: ", looks));
  } else if (absl::IsAlreadyExists(status) && !CreatedCommand(session, attempt).empty()) {
    next.push_back(absl::StrCat("What is there: ", CreatedCommand(session, attempt)));
  } else if (absl::IsAborted(status) && !show.empty()) {
    next.push_back(absl::StrCat("It has changed meanwhile. Look again and decide anew: ", show));
  } else if (absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status)) {
    for (std::string& step : WhoElse(session, status, attempt)) next.push_back(std::move(step));
  } else if (absl::IsUnimplemented(status)) {
    const std::string& path = session.command_path();
    const bool clock = absl::StartsWith(path, "clock ");
    next.emplace_back(
        clock ? "It takes a server started with --test_clock."
              : "Is it an older one, or another of the services? Each by itself is addressed by itself: "
                "--server.");
  }
  if (absl::IsDeadlineExceeded(status)) {
    next.push_back(absl::StrCat("Does the server at ", session.settings().server,
                                " still work? Try again, or wait longer with --timeout SECONDS."));
  } else if (absl::IsResourceExhausted(status) || (absl::IsUnavailable(status) && !RuleOf(status).empty())) {
    next.emplace_back("Try again in a while.");  // the server did answer
  } else if (absl::IsUnavailable(status)) {
    next.push_back(absl::StrCat("Is the server at ", session.settings().server,
                                " running? Start one with tools/run, or name another with --server."));
  }
  if (IsAmbiguous(status) && !request_id.empty()) {
    const bool given = attempt.form->request_id_given();
    next.push_back(
        absl::StrCat("Whether it was done is not known. The same again is safe, it counts once: ",
                     session.CommandLine(given ? std::vector<std::string>{}
                                               : std::vector<std::string>{"--request-id", request_id})));
  }
  // A later server may refuse by a rule that this program has not heard of.
  if (const std::string rule = RuleOf(status); ExitCodeOf(status) == kRefused && RuleOfId(rule) != nullptr) {
    next.push_back(absl::StrCat("What the rule says: makegoodctl rules ", rule));
  }
  return next;
}

// What went wrong, in a sentence.
std::string Sentence(const Session& session, const absl::Status& status) {
  // In gRPC's own words where nobody had better ones.
  if (absl::IsDeadlineExceeded(status) && absl::EqualsIgnoreCase(status.message(), "deadline exceeded")) {
    return absl::StrCat("the server has not answered within ", absl::FormatDuration(session.timeout()));
  }
  if (absl::IsUnimplemented(status) && status.message().empty()) {
    return absl::StrCat("the server does not offer ", session.command_path());
  }
  return OneLine(std::string(status.message()));
}

std::string Headline(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
      return "refused: ";
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return "no answer: ";
    case absl::StatusCode::kResourceExhausted:
      return "the server has too much to do: ";
    default:
      return "";
  }
}

void PrintForPerson(const Session& session, const absl::Status& status, const std::string& sentence,
                    const std::vector<FieldViolation>& violations, const std::vector<std::string>& next) {
  const bool colour = session.terminal().colour_err;
  const std::string who = Paint("makegoodctl:", Colour::kBad, colour);
  if (violations.empty()) {
    std::fprintf(stderr, "%s %s%s\n", who.c_str(), Headline(status).c_str(), sentence.c_str());
  } else {
    std::fprintf(stderr, "%s this is not as it must be:\n", who.c_str());
    Table table(size_t{2});
    for (const FieldViolation& violation : violations) {
      table.AddCells({{violation.field, Colour::kTitle}, {violation.problem}});
    }
    for (const std::string& line : table.Lines(0, colour, 2)) std::fprintf(stderr, "%s\n", line.c_str());
  }
  for (const std::string& sentence : next) std::fprintf(stderr, "  %s\n", sentence.c_str());
}

void PrintAsJson(const absl::Status& status, const std::string& sentence,
                 const std::vector<FieldViolation>& violations, const std::vector<std::string>& next,
                 const std::string& request_id, int exit_code) {
  JsonObject error;
  error.AddText("code", absl::StatusCodeToString(status.code()));
  error.AddText("message", sentence);
  error.Add("exit_code", absl::StrCat(exit_code));
  if (const std::string rule = RuleOf(status); !rule.empty()) error.AddText("rule_id", rule);
  if (!request_id.empty()) error.AddText("request_id", request_id);
  std::vector<std::string> fields;
  for (const FieldViolation& violation : violations) {
    fields.push_back(
        JsonObject().AddText("option", violation.field).AddText("problem", violation.problem).Json());
  }
  if (!fields.empty()) error.Add("fields", JsonList(fields));
  std::vector<std::string> steps;
  for (const std::string& step : next) steps.push_back(JsonText(step));
  if (!steps.empty()) error.Add("next", JsonList(steps));
  std::fprintf(stderr, "%s\n", error.Json().c_str());
}

}  // namespace

int Session::Fail(const absl::Status& status, const Attempt& attempt) const {
  std::vector<FieldViolation> violations = FieldViolationsOf(status);
  if (attempt.form != nullptr) {
    for (FieldViolation& violation : violations) violation = attempt.form->Spell(violation);
  }
  const std::string sentence = Sentence(*this, status);
  const std::vector<std::string> next = NextSteps(*this, status, attempt);
  const int exit_code = attempt.exit_code.value_or(ExitCodeOf(status));
  std::fflush(stdout);
  if (output_ == Output::kJson) {
    PrintAsJson(status, sentence, violations, next, RequestIdOf(attempt), exit_code);
  } else {
    PrintForPerson(*this, status, sentence, violations, next);
  }
  return exit_code;
}

}  // namespace makegood::ctl
