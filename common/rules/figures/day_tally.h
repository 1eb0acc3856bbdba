// How a day's counts are kept.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/records.pb.h"

namespace makegood::rules {

using orders::v1::DayTally;

// A day's counts. Found by merchant and by marketplace, which groups them.
template <>
struct RecordTraits<DayTally> {
  static constexpr absl::string_view kKind = "tally";
  static std::string Id(const DayTally& tally) { return tally.tally_id(); }
  static RecordColumns Columns(const DayTally& tally) {
    return {"", tally.merchant_id(), "", tally.marketplace(), ToTime(tally.day())};
  }
};

}  // namespace makegood::rules
