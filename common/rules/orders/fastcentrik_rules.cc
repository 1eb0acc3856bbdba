#include "common/rules/orders/fastcentrik_rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "common/base/status.h"
#include "common/rules/orders/order_actions.h"
#include "common/rules/orders/order_scope.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using orders::v1::Drift;
using orders::v1::ReportStatusResponse;
using orders::v1::ShopStatus;

// What a date of delivery does to a status.
enum class Date { kRefused, kDelivers, kRequired };

// ORD-08: the shop's statuses and ours.
struct Pair {
  absl::string_view status;
  Order::State state;  // UNSPECIFIED: no pair
  Date date;
};
constexpr Pair kPairs[] = {
    {kPending, Order::STATE_OPEN, Date::kRefused},
    {"is being handled", Order::STATE_SHIPPING, Date::kRefused},
    {"in process", Order::STATE_SHIPPING, Date::kRefused},
    {"settled", Order::STATE_SHIPPED, Date::kDelivers},
    {"done", Order::STATE_DELIVERED, Date::kRequired},
    {"completed", Order::STATE_DELIVERED, Date::kRequired},
    {"cancelled", Order::STATE_CANCELLED, Date::kRefused},
    {"partially settled", Order::STATE_UNSPECIFIED, Date::kRefused},
};

// Lower case, single spaces, none around.
std::string Normalized(absl::string_view status) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(status, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
  return absl::AsciiStrToLower(absl::StrJoin(words, " "));
}

const Pair* FindPair(absl::string_view status) {
  const std::string normalized = Normalized(status);
  const auto* const pair = std::find_if(std::begin(kPairs), std::end(kPairs), [&](const Pair& candidate) {
    return candidate.status == normalized;
  });
  return pair == std::end(kPairs) ? nullptr : pair;
}

// The state a report stands for. ORD-08 for a status FastCentrik does not have and for a date where
// none belongs; ORD-02 for DELIVERED without one.
absl::StatusOr<Order::State> TargetOf(const ShopStatus& report) {
  const Pair* const pair = FindPair(report.status());
  if (pair == nullptr) return Refusal("ORD-08", "FastCentrik has no such status");
  const bool dated = !report.date_of_delivery().empty() || report.has_delivered_time();
  if (dated && pair->date == Date::kRefused) {
    return Refusal("ORD-08", absl::StrCat("a date of delivery does not go with \"", pair->status, "\""));
  }
  if (!dated && pair->date == Date::kRequired) return Refusal("ORD-02", "DELIVERED needs a delivery time");
  return dated ? Order::STATE_DELIVERED : pair->state;
}

// A date of delivery: a whole local day, or a minute of one.
struct DeliveryDate {
  absl::CivilDay day;
  std::optional<absl::Time> time;
};

absl::StatusOr<DeliveryDate> DateOf(const ShopStatus& report, absl::TimeZone zone) {
  DeliveryDate date;
  absl::CivilMinute minute;
  const absl::string_view text = absl::StripAsciiWhitespace(report.date_of_delivery());
  if (report.has_delivered_time()) {
    if (!text.empty()) return InvalidFields({{"report.delivered_time", "is told beside date_of_delivery"}});
    date.time = ToTime(report.delivered_time());
    date.day = absl::ToCivilDay(*date.time, zone);
    return date;
  }
  if (text.size() == 10 && absl::ParseCivilTime(text, &date.day)) return date;
  std::string dated(text);
  std::replace(dated.begin(), dated.end(), ' ', 'T');
  if (dated.size() == 16 && absl::ParseCivilTime(dated, &minute)) {
    date.day = absl::CivilDay(minute);
    date.time = absl::FromCivil(minute, zone);
    return date;
  }
  return InvalidFields({{"report.date_of_delivery", "want YYYY-MM-DD or YYYY-MM-DD HH:MM"}});
}

// ORD-02: a date alone counts as its local start, or as what came before it on the same day if that
// was later. `earliest` is the handover, or before it the opening.
absl::Time DeliveredAt(const DeliveryDate& date, absl::Time earliest, absl::TimeZone zone) {
  if (date.time.has_value()) return *date.time;
  const absl::Time start = absl::FromCivil(date.day, zone);
  return absl::ToCivilDay(earliest, zone) == date.day ? std::max(start, earliest) : start;
}

// Whether the order is in `target` or was: a report of it is an old one, or one seen before.
bool IsPassed(const Order& order, Order::State target) {
  switch (target) {
    case Order::STATE_OPEN:
      return order.has_open_time();
    case Order::STATE_SHIPPING:
      return order.has_shipping_time() || order.has_handover_time();
    case Order::STATE_SHIPPED:
      return order.has_handover_time();
    default:
      return order.state() == target;
  }
}

// A DELIVERED told again must tell the same day, or the same minute where it tells one.
bool IsSameDelivery(const Order& order, const DeliveryDate& date, absl::TimeZone zone) {
  const absl::Time delivered = ToTime(order.delivered_time());
  if (date.time.has_value())
    return absl::ToCivilMinute(*date.time, zone) == absl::ToCivilMinute(delivered, zone);
  return absl::ToCivilDay(delivered, zone) == date.day;
}

// The last thing known to have happened before a delivery.
absl::Time LastStep(const Order& order) {
  if (order.has_handover_time()) return ToTime(order.handover_time());
  return ToTime(order.has_shipping_time() ? order.shipping_time() : order.open_time());
}

absl::StatusOr<ReportPlan> PlanDelivery(const Order& order, const ShopStatus& report, absl::TimeZone zone,
                                        absl::Time now) {
  ASSIGN_OR_RETURN(const DeliveryDate date, DateOf(report, zone));
  ReportPlan plan;
  if (order.state() == Order::STATE_DELIVERED) {
    if (IsSameDelivery(order, date, zone)) return plan;
    return Refusal("ORD-05", "the order is DELIVERED with another date");
  }
  Order ahead = order;
  plan.delivered = DeliveredAt(date, LastStep(order), zone);
  if (IsBeforeHandover(order.state())) {
    // The shop caught up: whatever was delivered had been handed over by then.
    RETURN_IF_ERROR(MayHandOver(order));
    plan.steps.push_back(Order::STATE_SHIPPED);
    plan.handover = plan.delivered;
    ahead.set_state(Order::STATE_SHIPPED);
    *ahead.mutable_handover_time() = ToTimestamp(LastStep(order));
  }
  RETURN_IF_ERROR(MayRecordDelivery(ahead));
  RETURN_IF_ERROR(CheckDeliveryTime(ahead, plan.delivered, now));
  plan.steps.push_back(Order::STATE_DELIVERED);
  return plan;
}

// Asks the guard of the one step that leads to `target`.
absl::Status MayStep(const Order& order, Order::State target) {
  return target == Order::STATE_SHIPPED ? MayHandOver(order) : CheckTransition(order, target);
}

absl::Status TakeStep(Order::State step, const ReportPlan& plan, Order& order, Transaction& tx) {
  const StepTime now{tx.now()};
  switch (step) {
    case Order::STATE_SHIPPING:
      return StartShippingStep(order, now, tx);
    case Order::STATE_SHIPPED:
      return HandOverStep(order, Parcel(), plan.handover, now, tx);
    case Order::STATE_DELIVERED:
      return DeliverStep(order, plan.delivered, now, tx);
    default: {
      // "cancelled" carries no word of who or why: the shop is the merchant's.
      orders::v1::Cancellation cancellation;
      cancellation.set_initiator(base::v1::INITIATOR_MERCHANT);
      cancellation.set_reason(base::v1::CANCEL_REASON_OTHER);
      cancellation.set_merchant_caused(true);
      return CancelStep(order, cancellation, now, tx);
    }
  }
}

}  // namespace

bool IsShopStatus(absl::string_view status) { return FindPair(status) != nullptr; }

absl::StatusOr<ReportPlan> PlanReport(const Order& order, const ShopStatus& report, absl::TimeZone zone,
                                      absl::Time now) {
  ASSIGN_OR_RETURN(const Order::State target, TargetOf(report));
  ReportPlan plan;
  plan.unmapped = target == Order::STATE_UNSPECIFIED;
  if (plan.unmapped) return plan;
  if (target == Order::STATE_DELIVERED) return PlanDelivery(order, report, zone, now);
  if (IsPassed(order, target)) return plan;
  if (target == Order::STATE_OPEN) {
    return Refusal("ORD-01", "the order is not paid, so the shop cannot have it");
  }
  RETURN_IF_ERROR(MayStep(order, target));
  plan.steps.push_back(target);
  plan.handover = now;
  return plan;
}

absl::StatusOr<ReportStatusResponse> ReportStatus(const orders::v1::ReportStatusRequest& request,
                                                  Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(request.report().order_id()));
  RETURN_IF_ERROR(CheckOrderScope(order, tx.actor()));
  RETURN_IF_ERROR(tx.CheckVersion(order));
  ASSIGN_OR_RETURN(const Policy* policy, tx.policies().At(order.policy()));
  ASSIGN_OR_RETURN(const ReportPlan plan,
                   PlanReport(order, request.report(), tx.policies().DaysOf(*policy).zone(), tx.now()));
  for (const Order::State step : plan.steps) RETURN_IF_ERROR(TakeStep(step, plan, order, tx));
  ReportStatusResponse response;
  response.set_outcome(plan.unmapped        ? ReportStatusResponse::OUTCOME_UNMAPPED
                       : plan.steps.empty() ? ReportStatusResponse::OUTCOME_UNCHANGED
                                            : ReportStatusResponse::OUTCOME_ACCEPTED);
  if (!plan.steps.empty()) tx.Put(order);
  *response.mutable_order() = Shown(std::move(order), tx);
  return response;
}

std::optional<Drift> CompareStatus(const std::optional<Order>& order, const ShopStatus& report,
                                   absl::TimeZone zone, absl::Time now) {
  Drift drift;
  drift.set_order_id(report.order_id());
  drift.set_shop_status(report.status());
  if (!order.has_value()) {
    drift.set_reason("the merchant has no such order here");
    return drift;
  }
  drift.set_state(order->state());
  const absl::StatusOr<ReportPlan> plan = PlanReport(*order, report, zone, now);
  if (!plan.ok()) {
    drift.set_reason(std::string(plan.status().message()));
    drift.set_rule_id(RuleOf(plan.status()));
    return drift;
  }
  if (plan->unmapped) {
    drift.set_reason("the shop's status has no pair here");
    return drift;
  }
  if (!plan->steps.empty()) {
    drift.set_reason("the shop is ahead");
    return drift;
  }
  const absl::StatusOr<Order::State> target = TargetOf(report);
  if (target.ok() && *target == order->state()) return std::nullopt;
  drift.set_reason("the shop is behind");
  return drift;
}

}  // namespace makegood::rules
