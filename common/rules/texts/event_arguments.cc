#include "common/rules/texts/event_arguments.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/enum_word.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "makegood/base/v1/money.pb.h"

namespace makegood::rules {
namespace {

using base::v1::TextArgument;
using events::v1::Event;

// "missing" of CLAIM_KIND_MISSING.
std::string PlainName(const google::protobuf::EnumValueDescriptor& value) {
  return value.number() == 0 ? "none" : absl::AsciiStrToLower(EnumWord(value));
}

bool IsDeadline(absl::string_view field) {
  return absl::StrContains(field, "due") || absl::StrContains(field, "until");
}

void SetMessage(const google::protobuf::Message& value, absl::string_view field, TextArgument& argument) {
  if (const auto* money = dynamic_cast<const base::v1::Money*>(&value)) {
    *argument.mutable_money() = *money;
  } else if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&value)) {
    *(IsDeadline(field) ? argument.mutable_until() : argument.mutable_time()) = *time;
  }
}

TextArgument ArgumentOf(const google::protobuf::Message& payload,
                        const google::protobuf::FieldDescriptor& field) {
  using Field = google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& reflection = *payload.GetReflection();
  TextArgument argument;
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING: {
      const std::string text = reflection.GetString(payload, &field);
      argument.set_text(text.empty() ? "none" : text);
      break;
    }
    case Field::CPPTYPE_ENUM:
      argument.set_text(PlainName(*reflection.GetEnum(payload, &field)));
      break;
    case Field::CPPTYPE_BOOL:
      argument.set_text(reflection.GetBool(payload, &field) ? "yes" : "no");
      break;
    case Field::CPPTYPE_INT32:
      argument.set_count(reflection.GetInt32(payload, &field));
      break;
    case Field::CPPTYPE_INT64:
      argument.set_count(reflection.GetInt64(payload, &field));
      break;
    case Field::CPPTYPE_MESSAGE:
      if (reflection.HasField(payload, &field)) {
        SetMessage(reflection.GetMessage(payload, &field), field.name(), argument);
      } else if (field.message_type() == google::protobuf::Timestamp::descriptor()) {
        argument.set_text("none");
      }
      break;
    default:
      break;
  }
  return argument;
}

}  // namespace

TextArguments ArgumentsOf(const Event& event) {
  TextArguments arguments;
  const google::protobuf::OneofDescriptor* const oneof = Event::descriptor()->FindOneofByName("payload");
  const google::protobuf::FieldDescriptor* const which =
      event.GetReflection()->GetOneofFieldDescriptor(event, oneof);
  if (which == nullptr) return arguments;
  const google::protobuf::Message& payload = event.GetReflection()->GetMessage(event, which);
  for (int i = 0; i < payload.GetDescriptor()->field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *payload.GetDescriptor()->field(i);
    if (field.is_repeated()) continue;  // no text speaks of lists
    TextArgument argument = ArgumentOf(payload, field);
    if (argument.value_case() != TextArgument::VALUE_NOT_SET) arguments[field.name()] = std::move(argument);
  }
  return arguments;
}

}  // namespace makegood::rules
