// Whose a return number is (RFD-05): the marketplace's number has a part of its own, where it belongs to the
// first order that is given it, by whatever service.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/return_numbers_service.pb.h"

namespace makegood::rules {

// The part that decides for the number.
std::string ReturnNumberKey(const orders::v1::BindReturnNumberRequest& request);

// In that part, before the paper itself is decided. Said again it says the same. Refused: another order has
// it.
absl::StatusOr<orders::v1::ReturnNumber> BindReturnNumber(const orders::v1::BindReturnNumberRequest& request,
                                                          Transaction& tx);

template <>
struct RecordTraits<orders::v1::ReturnNumber> {
  static constexpr absl::string_view kKind = "return_number";
  static std::string Id(const orders::v1::ReturnNumber& number) { return number.number_key(); }
  static RecordColumns Columns(const orders::v1::ReturnNumber& number) {
    return RecordColumns::ByKeyAlone(ToTime(number.create_time()));
  }
};

}  // namespace makegood::rules
