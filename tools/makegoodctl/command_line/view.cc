#include "tools/makegoodctl/command_line/view.h"

#include <cstdio>
#include <iterator>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/rules/orders/timeline_words.h"
#include "makegood/base/v1/money.pb.h"
#include "makegood/base/v1/resource.pb.h"
#include "makegood/claims/v1/claims.pb.h"
#include "makegood/deliveries/v1/deliveries.pb.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/incidents/v1/incidents.pb.h"
#include "makegood/notifications/v1/notifications.pb.h"
#include "makegood/orders/v1/work.pb.h"
#include "makegood/orders/v1/work_service.pb.h"
#include "makegood/payments/v1/payments.pb.h"
#include "makegood/stores/v1/stores.pb.h"
#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/view_columns.h"
#include "tools/makegoodctl/command_line/work_line.h"

namespace makegood::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

// A field's name for people: "window due" for window_due_time, "created" for create_time.
std::string Title(absl::string_view name) {
  name = name.substr(0, name.find('|'));
  const size_t dot = name.rfind('.');
  if (dot != absl::string_view::npos) name.remove_prefix(dot + 1);
  if (name == "create_time" || name == "update_time") {
    return absl::StrCat(absl::StripSuffix(name, "_time"), "d");
  }
  for (const auto& [field, words] : {std::pair{"open_time", "opened"},
                                     {"submit_time", "submitted"},
                                     {"report_time", "reported"},
                                     {"expire_time", "expires"},
                                     {"accept_time", "accepted"},
                                     {"erase_time", "erased"},
                                     {"refuse_time", "refused"},
                                     {"put_off_until_time", "put off until"},
                                     {"choose_time", "chosen at"},
                                     {"close_time", "closed"},
                                     {"due_provisional", "due is provisional"},
                                     {"display_name", "display name"}}) {
    if (name == field) return words;
  }
  for (const absl::string_view unit : {"_id", "_time", "_minor", "_basis_points", "_bytes", "_name"}) {
    if (absl::ConsumeSuffix(&name, unit)) break;
  }
  return absl::StrReplaceAll(name, {{"_", " "}});
}

// The currency a message is about: its own, or that of its first amount.
std::string CurrencyOf(const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    if (field->name() == "currency") return reflection.GetString(message, field);
    if (field->message_type() != base::v1::Money::descriptor() || field->is_repeated()) continue;
    return static_cast<const base::v1::Money&>(reflection.GetMessage(message, field)).currency();
  }
  return "";
}

bool IsActions(const FieldDescriptor& field) {
  return field.message_type() == base::v1::AvailableAction::descriptor();
}

bool IsListOfMessages(const FieldDescriptor& field) {
  return field.is_repeated() && field.message_type() != nullptr && !field.is_map() && !HasShortForm(field);
}

// All values of a field, in short; what has no short form is told as its own values.
std::string Values(const Message& message, const FieldDescriptor& field, const ValueStyle& style) {
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) return WriteValue(message, field, 0, style);
  std::vector<std::string> values;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (HasShortForm(field)) {
      values.push_back(WriteValue(message, field, i, style));
      continue;
    }
    std::vector<std::string> parts;
    for (const auto& [path, value] :
         FactsOf(reflection.GetRepeatedMessage(message, &field, i), Extent::kSet, style)) {
      if (path != "currency") parts.push_back(value);
    }
    values.push_back(absl::StrJoin(parts, " "));
  }
  return absl::StrJoin(values, ", ");
}

using Facts = std::vector<std::pair<std::string, std::string>>;
void AddFacts(const Message& message, const std::string& prefix, Extent extent, const ValueStyle& style,
              Facts& facts);

// The fields that are set or, to the extent of all, those that JSON has.
std::vector<const FieldDescriptor*> FieldsOf(const Message& message, Extent extent) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  if (extent == Extent::kSet) {
    reflection.ListFields(message, &fields);
    return fields;
  }
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated() || !field.has_presence() || reflection.HasField(message, &field)) {
      fields.push_back(&field);
    }
  }
  return fields;
}

// A map's values by their keys, in the order of these: "by_status[delivered].accepted".
void AddMapFacts(const Message& message, const FieldDescriptor& field, const std::string& path, Extent extent,
                 const ValueStyle& style, Facts& facts) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  std::map<std::string, Facts> by_key;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    const std::string word = WriteValue(entry, key, 0, style);
    const std::string place = absl::StrCat(path, "[", word, "]");
    if (HasShortForm(value)) {
      by_key[word].emplace_back(place, WriteValue(entry, value, 0, style));
    } else {
      AddFacts(entry.GetReflection()->GetMessage(entry, &value), absl::StrCat(place, "."), extent, style,
               by_key[word]);
    }
  }
  for (const auto& [word, of_key] : by_key) facts.insert(facts.end(), of_key.begin(), of_key.end());
}

void AddFacts(const Message& message, const std::string& prefix, Extent extent, const ValueStyle& style,
              Facts& facts) {
  const Reflection& reflection = *message.GetReflection();
  for (const FieldDescriptor* field : FieldsOf(message, extent)) {
    const std::string path = absl::StrCat(prefix, field->name());
    if (field->is_map()) {
      AddMapFacts(message, *field, path, extent, style, facts);
      continue;
    }
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      const std::string place = field->is_repeated() ? absl::StrCat(path, "[", i, "]") : path;
      if (HasShortForm(*field)) {
        facts.emplace_back(place, WriteValue(message, *field, i, style));
      } else {
        AddFacts(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                      : reflection.GetMessage(message, field),
                 absl::StrCat(place, "."), extent, style, facts);
      }
    }
  }
}

// Names and values of what is set; messages within as "cancellation reason", lists of messages not at all.
void AddRows(const Message& message, const std::string& prefix, const ValueStyle& style, Table& table) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    if (IsListOfMessages(*field)) continue;
    if (const auto* work = dynamic_cast<const orders::v1::Work*>(&message);
        work && field->name() == "commands") {
      table.AddCells({{"command", Colour::kTitle}, {CommandOf(*work)}});
      continue;
    }
    const std::string own = Title(field->name());
    // An order's order id is the order.
    const std::string title = prefix == absl::StrCat(own, " ") ? own : absl::StrCat(prefix, own);
    if (!HasShortForm(*field) && !field->is_repeated()) {
      AddRows(reflection.GetMessage(message, field), absl::StrCat(title, " "), style, table);
      continue;
    }
    const std::string value = Values(message, *field, style);
    if (value.empty()) continue;
    const Colour colour = field->enum_type() == nullptr ? Colour::kNone : ColourOfState(value);
    table.AddCells({{title, Colour::kTitle}, {value, colour}});
  }
}

// With an empty line before it, unless it is the first.
void PrintList(const Message& message, const FieldDescriptor& field, const ValueStyle& style, bool first) {
  const Reflection& reflection = *message.GetReflection();
  const std::vector<Column> columns = ColumnsOf(*field.message_type());
  Table table = TableOf(columns);
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    table.AddCells(RowOf(reflection.GetRepeatedMessage(message, &field, i), columns, style));
  }
  std::printf("%s%s\n", first ? "" : "\n", Title(field.name()).c_str());
  table.Print(2);
}

// The first field of a resource is its id: what commands on it are given.
std::string IdOf(const Message& message) {
  const FieldDescriptor& id = *message.GetDescriptor()->field(0);
  return id.cpp_type() == FieldDescriptor::CPPTYPE_STRING ? WriteValue(message, id, 0, {}) : "";
}

// What a command on this record is given: its id, or of an offer whose it is and of what.
std::string ArgumentsFor(const Message& message, const Command& command) {
  const auto* const offer = dynamic_cast<const stores::v1::Offer*>(&message);
  if (offer == nullptr) return IdOf(message);
  const bool by_place = !command.positionals.empty();
  const std::string whose = absl::StrCat("--merchant-id ", offer->merchant_id());
  return by_place ? absl::StrCat(offer->sku(), " ", whose)
                  : absl::StrCat(whose, " --marketplace ", offer->policy().marketplace(),
                                 " --item sku=", offer->sku(), ",stock=NUMBER");
}

// Sentences begin with their rule where they are errors; here it stands beside them anyway.
std::string WithoutRule(absl::string_view reason, absl::string_view rule_id) {
  return std::string(absl::StripPrefix(reason, absl::StrCat(rule_id, ": ")));
}

// What can be done now with which command, and what is refused, by which rule and why.
void PrintActions(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  Table allowed(size_t{1});
  Table refused(size_t{2});
  refused.WrapLast();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const auto& action =
        static_cast<const base::v1::AvailableAction&>(reflection.GetRepeatedMessage(message, &field, i));
    const Command* const command = CommandFor(action.action());
    const std::string name = command == nullptr ? action.action() : command->path;
    if (action.allowed()) {
      const std::string given = command == nullptr ? "" : absl::StrCat(" ", ArgumentsFor(message, *command));
      allowed.AddCells({{absl::StrCat(name, given), Colour::kGood}});
    } else {
      const std::string reason = WithoutRule(action.reason(), action.rule_id());
      refused.AddCells(
          {{name}, {absl::StrCat(action.rule_id(), action.rule_id().empty() ? "" : ": ", reason)}});
    }
  }
  if (!allowed.empty()) {
    std::puts("\ncan be done now");
    allowed.Print(2);
  }
  if (!refused.empty()) {
    std::puts("\ncannot be done now");
    refused.Print(2);
  }
}

// Which of a claim's times is waited for, as lists by urgency have it; no field where none is.
const char* DueField(const claims::v1::Claim& claim) {
  switch (claim.state()) {
    case claims::v1::Claim::STATE_AWAITING_EVIDENCE:
      return "evidence_due_time";
    case claims::v1::Claim::STATE_VERIFYING:
      return "window_due_time";
    case claims::v1::Claim::STATE_APPROVED:
    case claims::v1::Claim::STATE_RESOLVING:
      if (claim.has_resend_due_time() &&
          claim.resend_due_time().seconds() < claim.resolution_due_time().seconds()) {
        return "resend_due_time";
      }
      return claim.resolution() == base::v1::RESOLUTION_KIND_WITHDRAWAL ? "" : "resolution_due_time";
    default:
      return "";
  }
}

// What payments refused a claim or withdrawal; nothing of any other record.
const google::protobuf::RepeatedPtrField<claims::v1::RefusedCall>& RefusedCallsOf(const Message& message) {
  static const google::protobuf::RepeatedPtrField<claims::v1::RefusedCall> none;
  if (const auto* claim = dynamic_cast<const claims::v1::Claim*>(&message)) return claim->refused_calls();
  if (const auto* withdrawal = dynamic_cast<const claims::v1::Withdrawal*>(&message)) {
    return withdrawal->refused_calls();
  }
  return none;
}

// Each by which rule: "grant_refund RFD-02". Why is told where the case is shown.
std::string RefusedCalls(const Message& message, const ValueStyle& style) {
  std::vector<std::string> calls;
  for (const claims::v1::RefusedCall& call : RefusedCallsOf(message)) {
    calls.push_back(
        absl::StrCat(ValueAt(call, "call", style), call.rule_id().empty() ? "" : " ", call.rule_id()));
  }
  return absl::StrJoin(calls, ", ");
}

// The field that tells until when something is left to do with a record; no field where nothing is.
const char* DueField(const Message& message) {
  if (const auto* claim = dynamic_cast<const claims::v1::Claim*>(&message)) return DueField(*claim);
  if (const auto* withdrawal = dynamic_cast<const claims::v1::Withdrawal*>(&message)) {
    return withdrawal->state() == claims::v1::Withdrawal::STATE_OPEN ||
                   withdrawal->state() == claims::v1::Withdrawal::STATE_GOODS_RETURNED
               ? "refund_due_time"
               : "";
  }
  if (const auto* surcharge = dynamic_cast<const payments::v1::Surcharge*>(&message)) {
    const bool open = surcharge->state() == base::v1::SURCHARGE_STATE_PROPOSED ||
                      surcharge->state() == base::v1::SURCHARGE_STATE_APPROVED ||
                      surcharge->state() == base::v1::SURCHARGE_STATE_ISSUED;
    return open ? "expire_time" : "";
  }
  if (const auto* incident = dynamic_cast<const incidents::v1::Incident*>(&message)) {
    if (incident->state() == incidents::v1::Incident::STATE_CLOSED) return "";
    if (incident->state() == incidents::v1::Incident::STATE_AWAITING_RESTOCK) return "restock_time";
    return incident->has_choice_due_time() ? "choice_due_time" : "ship_due_time";
  }
  if (const auto* delivery = dynamic_cast<const deliveries::v1::Delivery*>(&message)) {
    return delivery->has_wait_until_time() ? "wait_until_time" : "";
  }
  bool done = false;
  if (const auto* refund = dynamic_cast<const payments::v1::Refund*>(&message)) {
    done = refund->state() == payments::v1::Refund::STATE_SETTLED;
  } else if (const auto* note = dynamic_cast<const payments::v1::CreditNote*>(&message)) {
    done = note->state() != payments::v1::CreditNote::STATE_REQUESTED;
  } else if (const auto* notice = dynamic_cast<const notifications::v1::Notice*>(&message)) {
    done = notice->state() == notifications::v1::Notice::STATE_SENT;
  }
  return done ? "" : "due_time";
}

}  // namespace

std::vector<Column> ColumnsOf(const Descriptor& type) {
  std::vector<Column> columns;
  for (const ShownColumns& declared : kColumns) {
    if (type.full_name() != absl::StrCat("makegood.", declared.type)) continue;
    for (absl::string_view path : absl::StrSplit(declared.paths, ' ')) {
      const bool where_set = absl::ConsumeSuffix(&path, "?");
      columns.push_back({Title(path), std::string(path), where_set});
    }
    return columns;
  }
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (HasShortForm(field)) columns.push_back({Title(field.name()), field.name()});
  }
  return columns;
}

Table TableOf(const std::vector<Column>& columns) {
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.push_back(column.title);
  Table table(titles);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].where_set) table.LeaveOutWhereEmpty(i);
  }
  for (const char* sentences : {"text", "reason", "error", "failure", "postings", "command"}) {
    if (!columns.empty() && columns.back().title == sentences) table.WrapLast();
  }
  return table;
}

std::string ValueAt(const Message& message, const std::string& path, const ValueStyle& style) {
  if (const auto* work = dynamic_cast<const orders::v1::Work*>(&message); work) {
    if (path == "due") {
      const bool provisional = work->item().due_provisional() && !style.for_scripts;
      return absl::StrCat(ValueAt(work->item(), "due_time", style), provisional ? " (provisional)" : "");
    }
    if (path == "command") return CommandOf(*work);
  }
  if (message.GetDescriptor() == orders::v1::WorkVerdict::descriptor() && !style.for_scripts) {
    const auto& verdict = static_cast<const orders::v1::WorkVerdict&>(message);
    if (path == "accepted") return verdict.accepted() ? "yes" : "no";
    if (path == "reason") return WithoutRule(verdict.reason(), verdict.rule_id());
  }
  if (path == "refused_calls") return RefusedCalls(message, style);
  if (const auto* event = dynamic_cast<const events::v1::Event*>(&message); event && path == "words") {
    return rules::StaffWords(*event);
  }
  if (const auto* chat = dynamic_cast<const notifications::v1::ChatMessage*>(&message);
      chat && chat->has_erase_time() && path == "text" && !style.for_scripts) {
    return "(erased)";
  }
  if (path == "due") {
    const auto& refused = RefusedCallsOf(message);
    if (!refused.empty()) return ValueAt(refused.Get(0), "refuse_time", style);
    return ValueAt(message, DueField(message), style);
  }
  if (const size_t bar = path.find('|'); bar != std::string::npos) {
    const std::string first = ValueAt(message, path.substr(0, bar), style);
    return first.empty() ? ValueAt(message, path.substr(bar + 1), style) : first;
  }
  const std::vector<std::string> names = absl::StrSplit(path, absl::MaxSplits('.', 1));
  const Descriptor& type = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  if (const OneofDescriptor* oneof = type.FindOneofByName(names[0]); oneof != nullptr) {
    const FieldDescriptor* const member = reflection.GetOneofFieldDescriptor(message, oneof);
    return member == nullptr ? "" : member->name();
  }
  const FieldDescriptor* const field = type.FindFieldByName(names[0]);
  if (field == nullptr) return "";
  if (names.size() == 1) return Values(message, *field, style);
  return reflection.HasField(message, field) ? ValueAt(reflection.GetMessage(message, field), names[1], style)
                                             : "";
}

std::vector<Table::Cell> RowOf(const Message& message, const std::vector<Column>& columns,
                               const ValueStyle& style) {
  std::vector<Table::Cell> row;
  for (const Column& column : columns) {
    Table::Cell cell{ValueAt(message, column.path, style)};
    const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(column.path);
    if (field != nullptr && field->enum_type() != nullptr) cell.colour = ColourOfState(cell.text);
    row.push_back(std::move(cell));
  }
  return row;
}

std::vector<std::pair<std::string, std::string>> FactsOf(const Message& message, Extent extent,
                                                         const ValueStyle& style) {
  std::vector<std::pair<std::string, std::string>> facts;
  AddFacts(message, "", extent, style, facts);
  return facts;
}

void PrintForPeople(const Message& message, const ValueStyle& message_style) {
  ValueStyle style = message_style;
  style.currency = CurrencyOf(message);
  Table table(size_t{2});
  table.WrapLast();
  AddRows(message, "", style, table);
  table.Print();
  bool first = table.empty();
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    if (!IsListOfMessages(*field) || IsActions(*field)) continue;
    PrintList(message, *field, style, first);
    first = false;
  }
  for (const FieldDescriptor* field : set) {
    if (IsActions(*field)) PrintActions(message, *field);
  }
}

}  // namespace makegood::ctl
