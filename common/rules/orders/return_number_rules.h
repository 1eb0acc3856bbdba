// Whose a return number is (RFD-05): the marketplace's number has a part of its own, where it belongs to the
// first order that is given it, by whatever service; and to another one only if no paper came of that.
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

// What was found out of a number that another order has, of the record as it was then: whether there is a
// paper under it. Asked for only where it may be bound anew (MayBeBoundAnew).
struct NumberInUse {
  int64_t version = 0;  // of the record; 0: it was not asked for
  bool has_paper = false;
};

// In that part, before the paper itself is decided. Said again it says the same, and the time for the paper
// begins anew. Refused: another order has it.
absl::StatusOr<orders::v1::ReturnNumber> BindReturnNumber(const orders::v1::BindReturnNumberRequest& request,
                                                          const NumberInUse& in_use, Transaction& tx);

template <>
struct RecordTraits<orders::v1::ReturnNumber> {
  static constexpr absl::string_view kKind = "return_number";
  static std::string Id(const orders::v1::ReturnNumber& number) { return number.number_key(); }
  static RecordColumns Columns(const orders::v1::ReturnNumber& number) {
    return RecordColumns::ByKeyAlone(ToTime(number.create_time()));
  }
};

}  // namespace makegood::rules
