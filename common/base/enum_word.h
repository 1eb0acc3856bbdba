// What people and figures call a value of a contract's enum.
#pragma once

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace makegood {

// "SHIPPED" of STATE_SHIPPED: the name without what all names of its enum begin with.
absl::string_view EnumWord(const google::protobuf::EnumValueDescriptor& value);

// Empty for a number that the contract does not know.
template <typename E>
absl::string_view EnumWord(E value) {
  const auto* const known = google::protobuf::GetEnumDescriptor<E>()->FindValueByNumber(value);
  return known == nullptr ? absl::string_view() : EnumWord(*known);
}

}  // namespace makegood
