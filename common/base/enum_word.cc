#include "common/base/enum_word.h"

#include "absl/strings/strip.h"

namespace makegood {

absl::string_view EnumWord(const google::protobuf::EnumValueDescriptor& value) {
  const absl::string_view zero = value.type()->value(0)->name();
  return absl::StripPrefix(value.name(), absl::StripSuffix(zero, "UNSPECIFIED"));
}

}  // namespace makegood
