#include "common/metrics/grid.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace makegood::metrics {

Axis EnumAxis(std::string label, const google::protobuf::EnumDescriptor& descriptor) {
  const absl::string_view zero = descriptor.FindValueByNumber(0)->name();
  const absl::string_view prefix = absl::StripSuffix(zero, "UNSPECIFIED");
  Axis axis{std::move(label), {}};
  for (int i = 0; i < descriptor.value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor& value = *descriptor.value(i);
    const size_t number = static_cast<size_t>(value.number());
    if (axis.words.size() <= number) axis.words.resize(number + 1);
    if (number == 0) continue;
    axis.words[number] = absl::AsciiStrToLower(absl::StripPrefix(value.name(), prefix));
  }
  return axis;
}

}  // namespace makegood::metrics
