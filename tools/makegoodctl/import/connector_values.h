// How a connector's values are read: times, amounts, numbers, words. Errors are INVALID_ARGUMENT and name the
// column, never the value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "makegood/base/v1/terms.pb.h"
#include "makegood/connectors/v1/connector.pb.h"
#include "makegood/orders/v1/fastcentrik_service.pb.h"

namespace makegood::ctl {

// One problem with one column.
absl::Status WrongColumn(absl::string_view column, absl::string_view problem);

// Whether a form of times tells the offset itself.
bool TellsOffset(absl::string_view time_format);

// The value's time, or nothing where it is empty. Of a local time that comes twice (clocks go back) the
// first; one that never comes (clocks go forward) is an error.
absl::StatusOr<std::optional<absl::Time>> TimeOf(const connectors::v1::Connector& connector,
                                                 absl::string_view column, absl::string_view value);

// Minor units; 0 where it is empty.
absl::StatusOr<int64_t> AmountOf(const connectors::v1::Connector& connector, absl::string_view column,
                                 absl::string_view value, const std::string& currency);

// "21" or "5.5" percent in basis points; 0 where it is empty.
absl::StatusOr<int32_t> BasisPointsOf(const connectors::v1::Connector& connector, absl::string_view column,
                                      absl::string_view value);

// A whole number from 1; 1 where it is empty.
absl::StatusOr<int32_t> QuantityOf(absl::string_view column, absl::string_view value);

// A whole number from 0; 0 where it is empty.
absl::StatusOr<int32_t> CountOf(absl::string_view column, absl::string_view value);

absl::StatusOr<base::v1::PaymentMethod> PaymentMethodOf(const connectors::v1::Connector& connector,
                                                        absl::string_view column, absl::string_view value);

// Sets the report's date of delivery, a day, or a moment, or leaves it where the value is empty.
absl::Status SetDelivery(const connectors::v1::Connector& connector, absl::string_view column,
                         absl::string_view value, orders::v1::ShopStatus& report);

// The connector's status of that value, or nullptr.
const connectors::v1::Status* FindStatus(const connectors::v1::Connector& connector, absl::string_view value);

}  // namespace makegood::ctl
