#include "common/rules/fields/field_check.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/rules/fields/formats.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "makegood/base/v1/field.pb.h"

namespace makegood::rules {
namespace {

using base::v1::FieldRule;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

constexpr size_t kMaxViolations = 100;
constexpr size_t kMaxLength = 1'000;  // characters
constexpr int kMaxItems = 500;
constexpr int kNoIndex = -1;
constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr int32_t kMaxNanos = 999'999'999;

// Where we are in the message: a chain on the stack, spelled out only for a violation.
struct Path {
  const Path* parent;
  absl::string_view name;
  int index = kNoIndex;  // of a list's element
};

std::string Spell(const Path& path) {
  std::string name(path.name);
  if (path.index != kNoIndex) absl::StrAppend(&name, "[", path.index, "]");
  return path.parent == nullptr ? name : absl::StrCat(Spell(*path.parent), ".", name);
}

// Counts the characters of valid UTF-8: all bytes but continuations.
size_t Characters(absl::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

const FieldRule& RuleOf(const FieldDescriptor& field) {
  return field.options().GetExtension(base::v1::field);
}

class Checker {
 public:
  void CheckMessage(const Message& message, const Path* parent);
  std::vector<FieldViolation> TakeViolations() { return std::move(violations_); }

 private:
  void CheckList(const Message& message, const FieldDescriptor& field, const Path& path);
  void CheckSingular(const Message& message, const FieldDescriptor& field, const Path& path);
  void CheckOneof(const Message& message, const OneofDescriptor& oneof, const Path* parent);
  // One value: `index` is kNoIndex for a field that is no list.
  void CheckValue(const Message& message, const FieldDescriptor& field, int index, const FieldRule& rule,
                  const Path& path);
  void CheckString(absl::string_view text, const FieldDescriptor& field, const FieldRule& rule,
                   const Path& path);
  void CheckBytes(absl::string_view bytes, const FieldDescriptor& field, const FieldRule& rule,
                  const Path& path);
  void CheckEnum(int number, const FieldDescriptor& field, bool in_list, const Path& path);
  void CheckTimestamp(const Timestamp& timestamp, const Path& path);
  template <typename Number>
  void CheckNumber(Number value, const FieldDescriptor& field, const FieldRule& rule, const Path& path);

  void Add(const Path& path, std::string problem) {
    if (violations_.size() < kMaxViolations) violations_.push_back({Spell(path), std::move(problem)});
  }
  bool full() const { return violations_.size() >= kMaxViolations; }

  std::vector<FieldViolation> violations_;
};

void Checker::CheckMessage(const Message& message, const Path* parent) {
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count() && !full(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const Path path{parent, field.name()};
    if (field.is_repeated()) {
      CheckList(message, field, path);
    } else {
      CheckSingular(message, field, path);
    }
  }
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) CheckOneof(message, *type.oneof_decl(i), parent);
}

void Checker::CheckList(const Message& message, const FieldDescriptor& field, const Path& path) {
  const int size = message.GetReflection()->FieldSize(message, &field);
  if (size == 0) {
    if (IsRequired(field)) Add(path, "is empty, want at least one");
    return;
  }
  const FieldRule& rule = RuleOf(field);
  const int most = rule.max_items() > 0 ? static_cast<int>(rule.max_items()) : kMaxItems;
  if (size > most) {
    Add(path, absl::StrCat("has ", size, " elements, want ", most, " or fewer"));
    return;
  }
  for (int i = 0; i < size && !full(); ++i) {
    CheckValue(message, field, i, rule, Path{path.parent, path.name, i});
  }
}

void Checker::CheckSingular(const Message& message, const FieldDescriptor& field, const Path& path) {
  if (field.has_presence() && !message.GetReflection()->HasField(message, &field)) {
    // Which member of a oneof is set is its caller's choice: see CheckOneof.
    if (field.real_containing_oneof() == nullptr && IsRequired(field)) Add(path, "is missing");
    return;
  }
  CheckValue(message, field, kNoIndex, RuleOf(field), path);
}

// A oneof with a required member wants one of its members.
void Checker::CheckOneof(const Message& message, const OneofDescriptor& oneof, const Path* parent) {
  if (message.GetReflection()->HasOneof(message, &oneof)) return;
  std::string choices;
  bool required = false;
  for (int i = 0; i < oneof.field_count(); ++i) {
    absl::StrAppend(&choices, i == 0 ? "" : ", ", oneof.field(i)->name());
    required = required || IsRequired(*oneof.field(i));
  }
  if (required) Add(Path{parent, oneof.name()}, absl::StrCat("is missing, want one of ", choices));
}

void Checker::CheckValue(const Message& message, const FieldDescriptor& field, int index,
                         const FieldRule& rule, const Path& path) {
  const Reflection& reflection = *message.GetReflection();
  const bool in_list = index != kNoIndex;
  std::string scratch;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string& text = in_list
                                    ? reflection.GetRepeatedStringReference(message, &field, index, &scratch)
                                    : reflection.GetStringReference(message, &field, &scratch);
      if (field.type() == FieldDescriptor::TYPE_BYTES) return CheckBytes(text, field, rule, path);
      return CheckString(text, field, rule, path);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Message& inner = in_list ? reflection.GetRepeatedMessage(message, &field, index)
                                     : reflection.GetMessage(message, &field);
      if (field.message_type() == Timestamp::descriptor()) {
        const auto* timestamp = google::protobuf::DynamicCastToGenerated<Timestamp>(&inner);
        if (timestamp != nullptr) CheckTimestamp(*timestamp, path);
        return;
      }
      return CheckMessage(inner, &path);
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return CheckEnum(in_list ? reflection.GetRepeatedEnumValue(message, &field, index)
                               : reflection.GetEnumValue(message, &field),
                       field, in_list, path);
    case FieldDescriptor::CPPTYPE_INT32:
      return CheckNumber(in_list ? reflection.GetRepeatedInt32(message, &field, index)
                                 : reflection.GetInt32(message, &field),
                         field, rule, path);
    case FieldDescriptor::CPPTYPE_INT64:
      return CheckNumber(in_list ? reflection.GetRepeatedInt64(message, &field, index)
                                 : reflection.GetInt64(message, &field),
                         field, rule, path);
    case FieldDescriptor::CPPTYPE_UINT32:
      return CheckNumber(in_list ? reflection.GetRepeatedUInt32(message, &field, index)
                                 : reflection.GetUInt32(message, &field),
                         field, rule, path);
    case FieldDescriptor::CPPTYPE_UINT64:
      return CheckNumber(in_list ? reflection.GetRepeatedUInt64(message, &field, index)
                                 : reflection.GetUInt64(message, &field),
                         field, rule, path);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return CheckNumber<double>(in_list ? reflection.GetRepeatedFloat(message, &field, index)
                                         : reflection.GetFloat(message, &field),
                                 field, rule, path);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return CheckNumber(in_list ? reflection.GetRepeatedDouble(message, &field, index)
                                 : reflection.GetDouble(message, &field),
                         field, rule, path);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (!in_list && !reflection.GetBool(message, &field) && IsRequired(field)) Add(path, "is not true");
      return;
  }
}

void Checker::CheckString(absl::string_view text, const FieldDescriptor& field, const FieldRule& rule,
                          const Path& path) {
  if (text.empty()) {
    const bool element = path.index != kNoIndex;
    const bool formatted = rule.format() != base::v1::FORMAT_UNSPECIFIED;
    if ((element && formatted) || IsRequired(field)) Add(path, "is empty");
    return;
  }
  const size_t most = rule.max_length() > 0 ? rule.max_length() : kMaxLength;
  if (text.size() > most) {  // no more characters than bytes
    if (const size_t length = Characters(text); length > most) {
      return Add(path, absl::StrCat("has ", length, " characters, want ", most, " or fewer"));
    }
  }
  if (const absl::string_view problem = FormatProblem(rule.format(), text); !problem.empty()) {
    Add(path, std::string(problem));
  }
}

void Checker::CheckBytes(absl::string_view bytes, const FieldDescriptor& field, const FieldRule& rule,
                         const Path& path) {
  if (bytes.empty() && IsRequired(field)) return Add(path, "is empty");
  if (rule.max_length() > 0 && bytes.size() > rule.max_length()) {
    Add(path, absl::StrCat("has ", bytes.size(), " bytes, want ", rule.max_length(), " or fewer"));
  }
}

void Checker::CheckEnum(int number, const FieldDescriptor& field, bool in_list, const Path& path) {
  if (number == 0) {
    // In a list "unspecified" says nothing, whatever the list is for.
    if (in_list || IsRequired(field)) Add(path, "is unspecified");
    return;
  }
  if (field.enum_type()->FindValueByNumber(number) == nullptr) {
    Add(path, absl::StrCat("is ", number, ", which is no known value"));
  }
}

void Checker::CheckTimestamp(const Timestamp& timestamp, const Path& path) {
  if (timestamp.seconds() < kFirstSecond || timestamp.seconds() > kLastSecond) {
    Add(path, "is not within the years 1 to 9999");
  } else if (timestamp.nanos() < 0 || timestamp.nanos() > kMaxNanos) {
    Add(path, absl::StrCat("has ", timestamp.nanos(), " nanos, want 0 to ", kMaxNanos));
  }
}

template <typename Number>
void Checker::CheckNumber(Number value, const FieldDescriptor& field, const FieldRule& rule,
                          const Path& path) {
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value)) return Add(path, "is no finite number");
  }
  // Compared in a type that holds every value of both sides.
  using Wide = std::conditional_t<std::is_floating_point_v<Number>, Number, __int128>;
  const Wide wide = static_cast<Wide>(value);
  if (rule.has_min() && wide < static_cast<Wide>(rule.min())) {
    return Add(path, absl::StrCat("is ", value, ", want ", rule.min(), " or more"));
  }
  if (rule.has_max() && wide > static_cast<Wide>(rule.max())) {
    return Add(path, absl::StrCat("is ", value, ", want ", rule.max(), " or less"));
  }
  const bool element = path.index != kNoIndex;
  if (value == 0 && !element && IsRequired(field)) Add(path, "is 0, want another number");
}

}  // namespace

bool IsRequired(const FieldDescriptor& field) {
  const auto& behavior = field.options().GetRepeatedExtension(google::api::field_behavior);
  return std::find(behavior.begin(), behavior.end(), google::api::REQUIRED) != behavior.end();
}

std::vector<FieldViolation> CheckFields(const Message& message) {
  Checker checker;
  checker.CheckMessage(message, nullptr);
  return checker.TakeViolations();
}

}  // namespace makegood::rules
