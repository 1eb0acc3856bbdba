#include "tests/suite/random_requests.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/rules/fields/field_check.h"
#include "google/protobuf/timestamp.pb.h"

namespace makegood::testing {
namespace {

using base::v1::FieldRule;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

constexpr size_t kKnownPerName = 40;
constexpr int kMaxDepth = 6;
constexpr absl::string_view kBytesThatAreNoUtf8 = "\xC3\x28\xFF\xFE\xED\xA0\x80\x80\xC0\xAF";
static_assert(kBytesThatAreNoUtf8.size() == sizeof(RandomRequests::kNoUtf8) - 1, "lengths stand on the wire");

const FieldRule& RuleOf(const FieldDescriptor& field) {
  return field.options().GetExtension(base::v1::field);
}

}  // namespace

std::unique_ptr<Message> RandomRequests::Make(const Descriptor& type) {
  constexpr double kWildness[] = {0, 0, 0, 0.03, 0.3};
  wildness_ = OneOf(kWildness);
  ++made_;
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
  Fill(*message, 0);
  return message;
}

std::string RandomRequests::ToWire(const Message& message, bool& broken) {
  const std::string right = message.SerializeAsString();
  std::string sent = absl::StrReplaceAll(right, {{kNoUtf8, kBytesThatAreNoUtf8}});
  broken = broken || sent != right;
  return sent;
}

base::v1::Actor RandomRequests::MakeActor(const MethodDescriptor& method) {
  const auto& roles = method.options().GetExtension(base::v1::access).roles();
  base::v1::Actor actor;
  actor.set_role(OneIn(8) ? static_cast<base::v1::Role>(Below(base::v1::Role_ARRAYSIZE))
                          : static_cast<base::v1::Role>(roles.Get(Below(roles.size()))));
  const bool is_person = actor.role() == base::v1::ROLE_CUSTOMER || actor.role() == base::v1::ROLE_RECIPIENT;
  std::string id = Known(actor.role() == base::v1::ROLE_RECIPIENT ? "contact_id" : "customer_id");
  actor.set_actor_id(is_person && !id.empty() ? std::move(id) : absl::StrCat("a-", Below(3)));
  // A service is of no store (ROL-12).
  if (!is_person && actor.role() != base::v1::ROLE_SERVICE && !OneIn(3))
    actor.set_store_id(Known("merchant_id"));
  return actor;
}

void RandomRequests::Learn(const Message& reply) {
  const Reflection& reflection = *reply.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(reply, &fields);
  for (const FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? reflection.FieldSize(reply, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->type() == FieldDescriptor::TYPE_STRING) {
        std::deque<std::string>& known = texts_[field->name()];
        const std::string text = field->is_repeated() ? reflection.GetRepeatedString(reply, field, i)
                                                      : reflection.GetString(reply, field);
        if (std::find(known.begin(), known.end(), text) == known.end()) known.push_back(text);
        if (known.size() > kKnownPerName) known.pop_front();
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Learn(field->is_repeated() ? reflection.GetRepeatedMessage(reply, field, i)
                                   : reflection.GetMessage(reply, field));
      }
    }
  }
  if (const auto* time = dynamic_cast<const Timestamp*>(&reply); time != nullptr) {
    seconds_.push_back(time->seconds());
    if (seconds_.size() > kKnownPerName) seconds_.pop_front();
  }
}

void RandomRequests::Fill(Message& message, int depth) {
  if (message.GetDescriptor() == Timestamp::descriptor()) return SetTime(message);
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.real_containing_oneof() != nullptr) continue;
    const bool set = rules::IsRequired(field) ? !Wild() : depth < kMaxDepth && !OneIn(3);
    // Both make most commands come to nothing.
    const bool spoils = field.name() == "validate_only" || field.name() == "expected_version";
    if (set && (!spoils || OneIn(10))) SetField(message, field, depth);
  }
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    const OneofDescriptor& oneof = *type.oneof_decl(i);
    if (!OneIn(10)) SetField(message, *oneof.field(Below(oneof.field_count())), depth);
  }
}

void RandomRequests::SetField(Message& message, const FieldDescriptor& field, int depth) {
  if (!field.is_repeated()) return SetValue(message, field, depth);
  constexpr int kMany[] = {0, 20, 100, 501, 700};
  const int size = Wild() && depth < 3 ? OneOf(kMany) : 1 + Below(2);
  for (int i = 0; i < size; ++i) SetValue(message, field, depth);
}

// Sets the field, or adds one to the list.
void RandomRequests::SetValue(Message& message, const FieldDescriptor& field, int depth) {
  const Reflection& reflection = *message.GetReflection();
  const auto set = [&](auto one, auto add, auto value) {
    if (field.is_repeated()) {
      (reflection.*add)(&message, &field, std::move(value));
    } else {
      (reflection.*one)(&message, &field, std::move(value));
    }
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(*(field.is_repeated() ? reflection.AddMessage(&message, &field)
                                        : reflection.MutableMessage(&message, &field)),
                  depth + 1);
    case FieldDescriptor::CPPTYPE_STRING:
      return set(&Reflection::SetString, &Reflection::AddString, Text(field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return set(&Reflection::SetEnumValue, &Reflection::AddEnumValue, Value(field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return set(&Reflection::SetBool, &Reflection::AddBool, OneIn(2));
    case FieldDescriptor::CPPTYPE_INT32: {
      using Limits = std::numeric_limits<int32_t>;
      return set(&Reflection::SetInt32, &Reflection::AddInt32,
                 static_cast<int32_t>(Number(field, Limits::min(), Limits::max())));
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      return set(&Reflection::SetUInt32, &Reflection::AddUInt32,
                 static_cast<uint32_t>(Number(field, 0, std::numeric_limits<uint32_t>::max())));
    case FieldDescriptor::CPPTYPE_INT64: {
      using Limits = std::numeric_limits<int64_t>;
      return set(&Reflection::SetInt64, &Reflection::AddInt64, Number(field, Limits::min(), Limits::max()));
    }
    case FieldDescriptor::CPPTYPE_UINT64:
      return set(&Reflection::SetUInt64, &Reflection::AddUInt64,
                 static_cast<uint64_t>(Number(field, -1, std::numeric_limits<int64_t>::max())));
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      constexpr double kDoubles[] = {
          0, 1, -1, 1e300, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()};
      return set(&Reflection::SetDouble, &Reflection::AddDouble, OneOf(kDoubles));
    }
    case FieldDescriptor::CPPTYPE_FLOAT:
      return set(&Reflection::SetFloat, &Reflection::AddFloat, OneIn(2) ? 1.5F : -1e30F);
  }
}

// Near a time that is known, or as far off as the wire allows.
void RandomRequests::SetTime(Message& timestamp) {
  auto& time = dynamic_cast<Timestamp&>(timestamp);
  constexpr int64_t kDay = 86'400;
  constexpr int64_t kFar[] = {std::numeric_limits<int64_t>::min(),
                              std::numeric_limits<int64_t>::max(),
                              -1,
                              0,
                              -62'135'596'800,
                              253'402'300'799,
                              253'402'300'800};
  const int64_t near = seconds_[static_cast<size_t>(Below(static_cast<int>(seconds_.size())))];
  time.set_seconds(Wild() ? OneOf(kFar) : near + kDay * (Below(5) - 2));
  constexpr int32_t kNanos[] = {-1, 999'999'999, 1'000'000'000, std::numeric_limits<int32_t>::max()};
  if (Wild()) time.set_nanos(OneOf(kNanos));
}

std::string RandomRequests::Text(const FieldDescriptor& field) {
  const FieldRule& rule = RuleOf(field);
  if (Wild()) return WildText();
  if (field.type() == FieldDescriptor::TYPE_BYTES)
    return std::string(static_cast<size_t>(Below(4000)), '\xFF');
  if (field.name() == "request_id") return absl::StrCat("fuzz-", OneIn(20) ? Below(made_) : made_);
  const bool is_text = rule.format() == base::v1::FORMAT_UNSPECIFIED;
  if (std::string known = Known(field.name()); !known.empty() && !OneIn(is_text ? 2 : 20)) return known;
  switch (rule.format()) {
    case base::v1::FORMAT_CURRENCY:
      return OneIn(3) ? "JPY" : "EUR";
    case base::v1::FORMAT_COUNTRY:
      return "CZ";
    case base::v1::FORMAT_LANGUAGE:
      return "en";
    case base::v1::FORMAT_EMAIL:
      return absl::StrCat(kPersonal, "@example.com");
    case base::v1::FORMAT_PHONE:
      return "+420 123 456 789";
    case base::v1::FORMAT_ID:
      return absl::StrCat("id-", Below(1000));
    default:
      return kPersonal;
  }
}

std::string RandomRequests::WildText() {
  static const std::string kTexts[] = {"",
                                       " ",
                                       "\n",
                                       std::string("\0", 1),
                                       "\x1B[2J",
                                       "\xE2\x80\xAE",
                                       "\xF0\x9F\x93\xA6",
                                       "' OR 1=1 --",
                                       "../../etc/passwd",
                                       kNoUtf8,
                                       std::string(64, '0'),
                                       std::string(129, 'x'),
                                       std::string(1001, 'x'),
                                       std::string(70'000, 'x'),
                                       absl::StrCat(kPersonal, std::string(1'000, '!')),
                                       "-9223372036854775808",
                                       "2026-02-30"};
  return OneOf(kTexts);
}

int64_t RandomRequests::Number(const FieldDescriptor& field, int64_t least, int64_t most) {
  const FieldRule& rule = RuleOf(field);
  if (Wild()) {
    const int64_t choices[] = {least,          most,      0, std::clamp<int64_t>(-1, least, most),
                               rule.min() - 1, rule.max()};
    return std::clamp(OneOf(choices), least, most);
  }
  const int64_t from = rule.has_min() ? rule.min() : 1;
  const int64_t number = absl::EndsWith(field.name(), "_minor") ? 100 * Below(40) : from + Below(3);
  return rule.has_max() ? std::min(number, rule.max()) : number;
}

int RandomRequests::Value(const FieldDescriptor& field) {
  constexpr int kWrong[] = {0, -1, 99, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()};
  const google::protobuf::EnumDescriptor& type = *field.enum_type();
  return Wild() ? OneOf(kWrong) : type.value(1 + Below(type.value_count() - 1))->number();
}

std::string RandomRequests::Known(const std::string& name) {
  const auto known = texts_.find(name);
  if (known == texts_.end()) return "";
  return known->second[static_cast<size_t>(Below(static_cast<int>(known->second.size())))];
}

}  // namespace makegood::testing
