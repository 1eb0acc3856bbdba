#include "tools/makegoodctl/command_line/values.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "common/rules/times.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/money.pb.h"
#include "makegood/base/v1/resource.pb.h"
#include "tools/makegoodctl/command_line/contract.h"

namespace makegood::ctl {
namespace {

using base::v1::Actor;
using base::v1::Money;
using base::v1::PolicyRef;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

absl::Status Wanted(absl::string_view text, absl::string_view want) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not ", want));
}

Message& Place(Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? *reflection.AddMessage(&message, &field)
                             : *reflection.MutableMessage(&message, &field);
}

bool IsEventSource(const FieldDescriptor& field) {
  return field.name() == "source" && field.file()->package() == "makegood.events.v1";
}

absl::Status SetText(Message& message, const FieldDescriptor& field, const std::string& text) {
  const std::vector<std::string> sources = EventSources();
  if (IsEventSource(field) && std::find(sources.begin(), sources.end(), text) == sources.end()) {
    return Wanted(text, absl::StrCat("one of ", absl::StrJoin(sources, ", ")));
  }
  const Reflection& reflection = *message.GetReflection();
  field.is_repeated() ? reflection.AddString(&message, &field, text)
                      : reflection.SetString(&message, &field, text);
  return absl::OkStatus();
}

absl::Status SetEnum(Message& message, const FieldDescriptor& field, const std::string& text) {
  const EnumDescriptor& type = *field.enum_type();
  if (const EnumValueDescriptor* const value = EnumValueNamed(type, text); value != nullptr) {
    const Reflection& reflection = *message.GetReflection();
    field.is_repeated() ? reflection.AddEnum(&message, &field, value)
                        : reflection.SetEnum(&message, &field, value);
    return absl::OkStatus();
  }
  return Wanted(text, absl::StrCat("one of ", absl::StrJoin(EnumWords(type), ", ")));
}

// Sets or adds a whole number of the field's own type.
template <typename Number>
absl::Status SetNumber(Message& message, const FieldDescriptor& field, const std::string& text,
                       void (Reflection::*set)(Message*, const FieldDescriptor*, Number) const,
                       void (Reflection::*add)(Message*, const FieldDescriptor*, Number) const) {
  Number number = 0;
  if (!absl::SimpleAtoi(text, &number)) return Wanted(text, "a whole number in range");
  (message.GetReflection()->*(field.is_repeated() ? add : set))(&message, &field, number);
  return absl::OkStatus();
}

absl::Status SetBool(Message& message, const FieldDescriptor& field, const std::string& text) {
  bool value = false;
  if (!absl::SimpleAtob(text, &value)) return Wanted(text, "true or false");
  message.GetReflection()->SetBool(&message, &field, value);
  return absl::OkStatus();
}

constexpr char kDigits[] = "0123456789.";

// The currency may stand on either side, with or without a space.
absl::Status SetMoney(Money& money, const std::string& text) {
  constexpr absl::string_view kWant = "an amount like \"199.00 CNY\"";
  const absl::string_view whole = absl::StripAsciiWhitespace(text);
  if (absl::StrContains(whole, ',')) return Wanted(text, absl::StrCat(kWant, ", with a point"));
  const size_t begin = whole.find_first_of(kDigits);
  if (begin == absl::string_view::npos) return Wanted(text, kWant);
  const size_t end = std::min(whole.find_first_not_of(kDigits, begin), whole.size());
  const absl::string_view before = absl::StripAsciiWhitespace(whole.substr(0, begin));
  const absl::string_view after = absl::StripAsciiWhitespace(whole.substr(end));
  if (before.empty() == after.empty()) return Wanted(text, kWant);
  const std::string currency = absl::AsciiStrToUpper(before.empty() ? after : before);
  if (!CurrencyDecimals(currency).has_value()) {
    return Wanted(text, absl::StrCat(kWant, ": ", currency, " is no currency"));
  }
  const absl::StatusOr<int64_t> amount = ParseAmount(whole.substr(begin, end - begin), currency);
  if (!amount.ok()) return Wanted(text, absl::StrCat(kWant, ": ", amount.status().message()));
  money.set_amount_minor(*amount);
  money.set_currency(currency);
  return absl::OkStatus();
}

// Sets the field that a dotted key leads to.
absl::Status SetByKey(Message& message, absl::string_view key, const std::string& text,
                      const Moment& moment) {
  const std::vector<std::string> names =
      absl::StrSplit(absl::StrReplaceAll(key, {{"-", "_"}}), absl::MaxSplits('.', 1));
  const Descriptor& type = *message.GetDescriptor();
  const FieldDescriptor* const field = type.FindFieldByName(names[0]);
  if (field == nullptr) {
    std::vector<std::string> known;
    for (int i = 0; i < type.field_count(); ++i) known.push_back(type.field(i)->name());
    return Wanted(names[0], absl::StrCat("one of ", absl::StrJoin(known, ", ")));
  }
  if (names.size() == 1) return SetValue(message, *field, text, moment);
  if (field->message_type() == nullptr || field->is_repeated()) {
    return absl::InvalidArgumentError(absl::StrCat(names[0], " has no parts"));
  }
  return SetByKey(*message.GetReflection()->MutableMessage(&message, field), names[1], text, moment);
}

absl::Status SetPairs(Message& message, const std::string& text, const Moment& moment) {
  std::set<std::string> keys;
  for (const absl::string_view pair : absl::StrSplit(text, ',')) {
    const std::vector<std::string> sides = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    if (sides.size() != 2) return Wanted(pair, "a pair like key=value");
    const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(sides[0]);
    if (!keys.insert(sides[0]).second && (field == nullptr || !field->is_repeated())) {
      return absl::InvalidArgumentError(absl::StrCat(sides[0], " is given twice"));
    }
    if (absl::Status set = SetByKey(message, absl::StripAsciiWhitespace(sides[0]), sides[1], moment);
        !set.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(sides[0], ": ", set.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status SetMessage(Message& message, const FieldDescriptor& field, const std::string& text,
                        const Moment& moment) {
  const std::string& type = field.message_type()->full_name();
  if (type == Timestamp::descriptor()->full_name()) {
    ASSIGN_OR_RETURN(const absl::Time time, ReadTime(text, moment));
    static_cast<Timestamp&>(Place(message, field)) = rules::ToTimestamp(time);
    return absl::OkStatus();
  }
  if (type == Money::descriptor()->full_name())
    return SetMoney(static_cast<Money&>(Place(message, field)), text);
  if (!absl::StartsWith(text, "{")) return SetPairs(Place(message, field), text, moment);
  const auto read = google::protobuf::util::JsonStringToMessage(text, &Place(message, field));
  if (read.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("is no JSON of a ", field.message_type()->name(), ": ", std::string(read.message())));
}

std::string WriteTime(const Timestamp& timestamp, const ValueStyle& style) {
  const absl::Time time = rules::ToTime(timestamp);
  if (style.for_scripts) return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
  return absl::FormatTime("%Y-%m-%d %H:%M %Ez", time, style.zone);
}

std::string WriteActor(const Actor& actor) {
  std::string text = TypedWord(*base::v1::Role_descriptor()->FindValueByNumber(actor.role()));
  if (!actor.actor_id().empty()) absl::StrAppend(&text, " ", actor.actor_id());
  if (!actor.store_id().empty()) absl::StrAppend(&text, " of ", actor.store_id());
  return text;
}

std::string WriteMessage(const Message& message, const ValueStyle& style) {
  if (const auto* time = dynamic_cast<const Timestamp*>(&message)) return WriteTime(*time, style);
  if (const auto* money = dynamic_cast<const Money*>(&message)) {
    return FormatMoney(money->amount_minor(), money->currency());
  }
  if (const auto* policy = dynamic_cast<const PolicyRef*>(&message)) {
    return absl::StrCat(policy->marketplace(), "@", policy->version());
  }
  if (const auto* actor = dynamic_cast<const Actor*>(&message)) return WriteActor(*actor);
  return "";
}

// "512 B", "12.3 kB", "1.0 GB".
std::string WriteSize(int64_t bytes) {
  if (bytes < 1000) return absl::StrCat(bytes, " B");
  auto size = static_cast<double>(bytes);
  const char* unit = "";
  for (const char* next : {"kB", "MB", "GB"}) {
    if (size < 999.95) break;
    size /= 1000;
    unit = next;
  }
  return absl::StrFormat("%.1f %s", size, unit);
}

std::string WriteInteger(const Message& message, const FieldDescriptor& field, int64_t value,
                         const ValueStyle& style) {
  if (!style.for_scripts && absl::EndsWith(field.name(), "_minor")) {
    const FieldDescriptor* const own = message.GetDescriptor()->FindFieldByName("currency");
    const std::string currency =
        own == nullptr ? style.currency : message.GetReflection()->GetString(message, own);
    return currency.empty() ? absl::StrCat(value) : FormatMoney(value, currency);
  }
  if (!style.for_scripts && absl::EndsWith(field.name(), "_bytes")) return WriteSize(value);
  if (!style.for_scripts && absl::EndsWith(field.name(), "_basis_points")) {
    return absl::StrFormat("%s%d.%02d %%", value < 0 ? "-" : "", std::abs(value) / 100,
                           std::abs(value) % 100);
  }
  return absl::StrCat(value);
}

}  // namespace

std::vector<std::string> AmountsAsOneWord(const std::vector<std::string>& words) {
  const auto is_number = [](const std::string& word) {
    return !word.empty() && word.find_first_not_of(kDigits) == std::string::npos;
  };
  const auto is_currency = [](const std::string& word) {
    return CurrencyDecimals(absl::AsciiStrToUpper(word)).has_value();
  };
  std::vector<std::string> joined;
  for (const std::string& word : words) {
    const bool pair = !joined.empty() && ((is_number(joined.back()) && is_currency(word)) ||
                                          (is_currency(joined.back()) && is_number(word)));
    if (pair) {
      absl::StrAppend(&joined.back(), " ", word);
    } else {
      joined.push_back(word);
    }
  }
  return joined;
}

std::vector<std::string> EventSources() { return {"orders", "claims", "payments", "notifications"}; }

absl::Status SetValue(Message& message, const FieldDescriptor& field, const std::string& text,
                      const Moment& moment) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(message, field, text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetMessage(message, field, text, moment);
    case FieldDescriptor::CPPTYPE_BOOL:
      return SetBool(message, field, text);
    case FieldDescriptor::CPPTYPE_INT32:
      return SetNumber<int32_t>(message, field, text, &Reflection::SetInt32, &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return SetNumber<int64_t>(message, field, text, &Reflection::SetInt64, &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return SetNumber<uint32_t>(message, field, text, &Reflection::SetUInt32, &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return SetNumber<uint64_t>(message, field, text, &Reflection::SetUInt64, &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_STRING:
      return SetText(message, field, text);
    default:
      return absl::UnimplementedError(absl::StrCat(field.full_name(), " has no text form"));
  }
}

std::string WantedValue(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat("{", absl::StrJoin(EnumWords(*field.enum_type()), ","), "}");
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
    case FieldDescriptor::CPPTYPE_STRING:
      return IsEventSource(field) ? absl::StrCat("{", absl::StrJoin(EventSources(), ","), "}") : "TEXT";
    default:
      return "NUMBER";
  }
  const Descriptor& type = *field.message_type();
  if (&type == Timestamp::descriptor()) return "TIME";
  if (&type == Money::descriptor()) return "AMOUNT";
  std::vector<std::string> keys;
  for (int i = 0; i < type.field_count(); ++i) keys.push_back(absl::StrCat(type.field(i)->name(), "=…"));
  return absl::StrJoin(keys, ",");
}

bool HasShortForm(const FieldDescriptor& field) {
  const Descriptor* const type = field.message_type();
  return type == nullptr || type == Timestamp::descriptor() || type == Money::descriptor() ||
         type == PolicyRef::descriptor() || type == Actor::descriptor();
}

std::string WriteValue(const Message& message, const FieldDescriptor& field, int index,
                       const ValueStyle& style) {
  const Reflection& reflection = *message.GetReflection();
  const bool list = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor& value =
          list ? *reflection.GetRepeatedEnum(message, &field, index) : *reflection.GetEnum(message, &field);
      return value.number() == 0 ? "" : TypedWord(value);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (!list && !reflection.HasField(message, &field)) return "";
      return WriteMessage(list ? reflection.GetRepeatedMessage(message, &field, index)
                               : reflection.GetMessage(message, &field),
                          style);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (!reflection.GetBool(message, &field)) return style.for_scripts ? "no" : "";
      return "yes";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(list ? reflection.GetRepeatedDouble(message, &field, index)
                               : reflection.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_INT32:
      return WriteInteger(
          message, field,
          list ? reflection.GetRepeatedInt32(message, &field, index) : reflection.GetInt32(message, &field),
          style);
    case FieldDescriptor::CPPTYPE_INT64:
      return WriteInteger(
          message, field,
          list ? reflection.GetRepeatedInt64(message, &field, index) : reflection.GetInt64(message, &field),
          style);
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      return list ? reflection.GetRepeatedString(message, &field, index)
                  : reflection.GetString(message, &field);
    default:
      return "";
  }
}

}  // namespace makegood::ctl
