#include "common/metrics/grid.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/base/enum_word.h"

namespace makegood::metrics {

Axis EnumAxis(std::string label, const google::protobuf::EnumDescriptor& descriptor) {
  Axis axis{std::move(label), {}};
  for (int i = 0; i < descriptor.value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor& value = *descriptor.value(i);
    const size_t number = static_cast<size_t>(value.number());
    if (axis.words.size() <= number) axis.words.resize(number + 1);
    if (number == 0) continue;
    axis.words[number] = absl::AsciiStrToLower(EnumWord(value));
  }
  return axis;
}

}  // namespace makegood::metrics
