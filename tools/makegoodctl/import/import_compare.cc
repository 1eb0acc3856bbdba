#include "tools/makegoodctl/import/import_compare.h"

#include "google/protobuf/util/message_differencer.h"

namespace makegood::ctl {
namespace {

using google::protobuf::util::MessageDifferencer;
using orders::v1::Order;

constexpr char kOther[] = "is another one in the order that is here already";

// When the order came to the state.
const google::protobuf::Timestamp& TimeOf(const Order& order, Order::State state) {
  switch (state) {
    case Order::STATE_SHIPPING:
      return order.shipping_time();
    case Order::STATE_SHIPPED:
      return order.handover_time();
    case Order::STATE_DELIVERED:
      return order.delivered_time();
    case Order::STATE_RETURNED:
    case Order::STATE_CANCELLED:
      return order.closed_time();
    default:
      return order.open_time();
  }
}

bool IsSoHere(const Order& here, const orders::v1::PastStep& step) {
  // OPEN follows from the payment, whatever is told (ORD-01).
  if (step.state() == Order::STATE_OPEN) return true;
  if (!MessageDifferencer::Equals(TimeOf(here, step.state()), step.time())) return false;
  if (step.state() == Order::STATE_RETURNED) {
    return here.state() == step.state() && here.return_cause() == step.return_cause();
  }
  if (step.state() != Order::STATE_CANCELLED) return true;
  return here.state() == step.state() && here.cancellation().initiator() == step.cancellation().initiator() &&
         here.cancellation().reason() == step.cancellation().reason();
}

bool SameLines(const Order& here, const orders::v1::NewOrder& told) {
  if (here.lines_size() != told.lines_size()) return false;
  for (int i = 0; i < told.lines_size(); ++i) {
    const orders::v1::OrderLine& ours = here.lines(i);
    const orders::v1::NewOrderLine& theirs = told.lines(i);
    const bool same = ours.line_id() == theirs.line_id() && ours.sku() == theirs.sku() &&
                      ours.quantity() == theirs.quantity() &&
                      ours.unit_price_minor() == theirs.unit_price().amount_minor() &&
                      ours.vat_basis_points() == theirs.vat_basis_points();
    if (!same) return false;
  }
  return true;
}

// More may have been taken off here since.
bool KnowsGivenBack(const Order& here, const orders::v1::GivenBack& told) {
  for (const orders::v1::OrderLine& line : here.lines()) {
    int32_t units = 0;
    for (const orders::v1::TakenOffUnits& of_line : told.units()) {
      if (of_line.line_id() == line.line_id()) units = of_line.quantity();
    }
    if (line.given_back() != units && (line.given_back() > 0 || line.taken_off() < units)) return false;
  }
  return true;
}

}  // namespace

std::vector<FieldViolation> DifferencesFrom(const Order& here, const orders::v1::NewOrder& told,
                                            const orders::v1::ImportOrderRequest* past) {
  std::vector<FieldViolation> differences;
  const auto want = [&differences](bool same, const char* field) {
    if (!same) differences.push_back({field, kOther});
  };
  want(here.policy().marketplace() == told.marketplace(), "order.marketplace");
  want(here.merchant_id() == told.merchant_id(), "order.merchant_id");
  want(here.customer_id() == told.customer_id(), "order.customer_id");
  want(here.payment_method() == told.payment_method(), "order.payment_method");
  want(here.total().currency() == told.currency(), "order.currency");
  want(here.delivery_fee().amount_minor() == told.delivery_fee().amount_minor(), "order.delivery_fee");
  want(!told.has_promised_ship_time() ||
           MessageDifferencer::Equals(here.promised_ship_time(), told.promised_ship_time()),
       "order.promised_ship_time");
  want(SameLines(here, told), "order.sku");
  if (past == nullptr) return differences;
  want(MessageDifferencer::Equals(here.create_time(), past->placed_time()), "placed_time");
  const bool opened_by_it = past->has_paid_time() && here.has_open_time() &&
                            here.payment_method() == makegood::base::v1::PAYMENT_METHOD_PREPAID;
  want((here.paid() || !past->has_paid_time()) &&
           (!opened_by_it || MessageDifferencer::Equals(here.open_time(), past->paid_time())),
       "paid_time");
  want(KnowsGivenBack(here, past->given_back()), "given_back.units");
  for (const orders::v1::PastStep& step : past->steps()) {
    if (IsSoHere(here, step)) continue;
    want(false, "order.state");
    break;
  }
  return differences;
}

std::vector<FieldViolation> DifferencesFrom(const orders::v1::Contact& here,
                                            const orders::v1::ContactDetails& told) {
  std::vector<FieldViolation> differences;
  if (here.version() > 1) return differences;
  const auto want = [&differences](bool same, const char* field) {
    if (!same) differences.push_back({field, kOther});
  };
  want(here.details().name() == told.name(), "order.customer.name");
  want(here.details().email() == told.email(), "order.customer.email");
  want(here.details().city() == told.city(), "order.customer.city");
  want(here.details().country() == told.country(), "order.customer.country");
  return differences;
}

}  // namespace makegood::ctl
