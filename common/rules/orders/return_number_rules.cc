#include "common/rules/orders/return_number_rules.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace makegood::rules {

std::string ReturnNumberKey(const orders::v1::BindReturnNumberRequest& request) {
  return absl::StrCat("return-number/", request.marketplace(), "/", request.return_number());
}

absl::StatusOr<orders::v1::ReturnNumber> BindReturnNumber(const orders::v1::BindReturnNumberRequest& request,
                                                          Transaction& tx) {
  const std::string key = ReturnNumberKey(request);
  ASSIGN_OR_RETURN(const std::optional<orders::v1::ReturnNumber> known,
                   tx.Find<orders::v1::ReturnNumber>(key));
  if (known.has_value() && known->order_id() == request.order_id()) return *known;
  if (known.has_value()) {
    return Refusal("RFD-05", "that return number is another order's");
  }
  orders::v1::ReturnNumber number;
  number.set_number_key(key);
  number.set_order_id(request.order_id());
  tx.Put(number);
  return number;
}

}  // namespace makegood::rules
