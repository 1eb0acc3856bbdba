// The FastCentrik connector (ORD-08): its statuses paired with ours, in both directions.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/fastcentrik_service.pb.h"

namespace makegood::rules {

// What the shop calls an open order when it is exported.
inline constexpr absl::string_view kPending = "pending";

// Whether FastCentrik has such a status, with or without a pair here.
bool IsShopStatus(absl::string_view status);

// What taking the shop's word would do to an order. No steps: nothing, the order is there or past it.
struct ReportPlan {
  bool unmapped = false;            // the status has no pair here
  std::vector<Order::State> steps;  // in order; each step's guard holds
  // When the carrier took it and when the customer got it, where these are among the steps.
  absl::Time handover;
  absl::Time delivered;
};

// ORD-08, without changing anything: the plan, or the refusal by the rule that refuses it.
// INVALID_ARGUMENT for a date that is none.
absl::StatusOr<ReportPlan> PlanReport(const Order& order, const orders::v1::ShopStatus& report,
                                      absl::TimeZone zone, absl::Time now);

// Takes one report: plans it and does it, in one commit.
absl::StatusOr<orders::v1::ReportStatusResponse> ReportStatus(const orders::v1::ReportStatusRequest& request,
                                                              Transaction& tx);

// One row of the drift report, or nothing where the two sides agree. `order` is absent where there is
// no such order of the merchant.
std::optional<orders::v1::Drift> CompareStatus(const std::optional<Order>& order,
                                               const orders::v1::ShopStatus& report, absl::TimeZone zone,
                                               absl::Time now);

}  // namespace makegood::rules
