#include "common/rules/orders/return_number_rules.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/policy/return_number.h"

namespace makegood::rules {

std::string ReturnNumberKey(const orders::v1::BindReturnNumberRequest& request) {
  return absl::StrCat("return-number/", request.marketplace(), "/", request.return_number());
}

absl::StatusOr<orders::v1::ReturnNumber> BindReturnNumber(const orders::v1::BindReturnNumberRequest& request,
                                                          const NumberInUse& in_use, Transaction& tx) {
  const std::string key = ReturnNumberKey(request);
  ASSIGN_OR_RETURN(const std::optional<orders::v1::ReturnNumber> known,
                   tx.Find<orders::v1::ReturnNumber>(key));
  const bool anothers = known.has_value() && known->order_id() != request.order_id();
  // What was found out does not hold where it was bound again since.
  if (anothers && (in_use.has_paper || in_use.version != known->version() ||
                   !MayBeBoundAnew(ToTime(known->update_time()), tx.now()))) {
    return Refusal("RFD-05", "that return number is another order's");
  }
  orders::v1::ReturnNumber number = known.value_or(orders::v1::ReturnNumber());
  number.set_number_key(key);
  number.set_order_id(request.order_id());
  tx.Put(number);
  return number;
}

}  // namespace makegood::rules
