#include "tools/bench/calls.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "echo.pb.h"
#include "makegood/claims/v1/claims_service.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::bench {
namespace {

using claims::v1::Claim;
using orders::v1::Order;

constexpr int kLines = 2;
constexpr int kCustomers = 5'000;
constexpr int kMerchants = 100;

std::string OrderId(int64_t order) { return absl::StrFormat("b-%07d", order); }
std::string CustomerId(int64_t order) { return absl::StrFormat("c-%04d", order % kCustomers); }
std::string LineId(int line) { return absl::StrCat("line-", line); }

google::protobuf::Timestamp Ago(absl::Duration age) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(absl::Now() - age));
  return timestamp;
}

orders::v1::ImportOrderRequest ImportOf(int64_t index) {
  orders::v1::ImportOrderRequest request;
  request.mutable_command()->set_request_id(absl::StrCat("import-", index));
  orders::v1::NewOrder& order = *request.mutable_order();
  order.set_order_id(OrderId(index));
  order.set_marketplace("default");
  order.set_merchant_id(absl::StrFormat("m-%03d", index % kMerchants));
  order.set_customer_id(CustomerId(index));
  order.set_payment_method(base::v1::PAYMENT_METHOD_PREPAID);
  order.set_currency("EUR");
  for (int line = 0; line < kLines; ++line) {
    orders::v1::NewOrderLine& added = *order.add_lines();
    added.set_line_id(LineId(line));
    added.set_sku(absl::StrCat("sku-", index % 1'000, "-", line));
    added.set_quantity(kClaimsPerOrder / kLines);
    added.mutable_unit_price()->set_amount_minor(1'990);
    added.mutable_unit_price()->set_currency(order.currency());
    added.set_vat_basis_points(2'100);
  }
  order.mutable_delivery_fee()->set_amount_minor(490);
  order.mutable_delivery_fee()->set_currency(order.currency());
  order.set_language("en");
  *request.mutable_placed_time() = Ago(absl::Hours(96));
  *request.mutable_paid_time() = Ago(absl::Hours(95));
  for (const auto& [state, hours] :
       {std::pair(Order::STATE_SHIPPED, 72), std::pair(Order::STATE_DELIVERED, 24)}) {
    orders::v1::PastStep& step = *request.add_steps();
    step.set_state(state);
    *step.mutable_time() = Ago(absl::Hours(hours));
  }
  return request;
}

claims::v1::OpenClaimRequest CreateOf(int64_t index) {
  claims::v1::OpenClaimRequest request;
  request.mutable_command()->set_request_id(absl::StrCat("open-", index));
  request.set_order_id(OrderId(index / kClaimsPerOrder));
  request.set_kind(base::v1::CLAIM_KIND_MISSING);
  claims::v1::ClaimedUnits& units = *request.add_units();
  units.set_line_id(LineId(static_cast<int>(index % kClaimsPerOrder) * kLines / kClaimsPerOrder));
  units.set_quantity(1);
  return request;
}

// A message of `bytes` in all, of which a field with its length takes some.
std::string Payload(int bytes) {
  const int overhead = bytes < 130 ? 2 : 3;
  return std::string(static_cast<size_t>(std::max(bytes - overhead, 0)), 'e');
}

}  // namespace

std::optional<Kind> KindOf(absl::string_view word) {
  static const auto* const kinds = new std::map<absl::string_view, Kind>{{"echo", Kind::kEcho},
                                                                         {"import", Kind::kImport},
                                                                         {"order", Kind::kOrder},
                                                                         {"create", Kind::kCreate},
                                                                         {"get", Kind::kGet}};
  const auto found = kinds->find(word);
  return found == kinds->end() ? std::nullopt : std::optional<Kind>(found->second);
}

Plan::Plan(Kind kind, int64_t first, int64_t orders, int request_bytes, int reply_bytes)
    : kind_(kind), first_(first), orders_(orders), request_bytes_(request_bytes), reply_bytes_(reply_bytes) {}

absl::Status Plan::LoadClaims(const std::string& file) {
  std::ifstream in(file);
  std::string id;
  while (std::getline(in, id)) claims_.push_back(id);
  return claims_.empty() ? absl::NotFoundError(absl::StrCat(file, " names no claims")) : absl::OkStatus();
}

absl::Status Plan::AppendClaims(const std::string& file) const {
  absl::MutexLock lock(&mutex_);
  std::ofstream out(file, std::ios::app);
  for (const std::string& id : created_) out << id << '\n';
  return out ? absl::OkStatus() : absl::UnavailableError(absl::StrCat("cannot write ", file));
}

Request Plan::Make(int64_t index) const {
  Request request;
  request.metadata = {{"makegood-role", "operations"}, {"makegood-actor", "operations-1"}};
  switch (kind_) {
    case Kind::kEcho: {
      v1::EchoRequest echo;
      echo.set_reply_bytes(static_cast<uint32_t>(Payload(reply_bytes_).size()));
      echo.set_payload(Payload(request_bytes_ - static_cast<int>(echo.ByteSizeLong())));
      request.path = "/makegood.bench.v1.EchoService/Echo";
      request.body = echo.SerializeAsString();
      break;
    }
    case Kind::kImport:
      request.path = "/makegood.orders.v1.OrdersService/ImportOrder";
      request.body = ImportOf(index).SerializeAsString();
      break;
    case Kind::kOrder: {
      orders::v1::GetOrderRequest get;
      get.set_order_id(OrderId(index % orders_));
      request.path = "/makegood.orders.v1.OrdersService/GetOrder";
      request.body = get.SerializeAsString();
      break;
    }
    case Kind::kCreate:
      // Customers open their own claims.
      request.metadata = {{"makegood-role", "customer"},
                          {"makegood-actor", CustomerId(index / kClaimsPerOrder)}};
      request.path = "/makegood.claims.v1.ClaimsService/OpenClaim";
      request.body = CreateOf(index).SerializeAsString();
      break;
    case Kind::kGet: {
      claims::v1::GetClaimRequest get;
      get.set_claim_id(claims_[static_cast<size_t>(index) % claims_.size()]);
      request.path = "/makegood.claims.v1.ClaimsService/GetClaim";
      request.body = get.SerializeAsString();
      break;
    }
  }
  return request;
}

absl::Status Plan::Check(int64_t index, absl::string_view reply) {
  const std::string bytes(reply);
  switch (kind_) {
    case Kind::kEcho: {
      v1::EchoResponse echo;
      if (echo.ParseFromString(bytes) && echo.payload().size() == Payload(reply_bytes_).size()) {
        return absl::OkStatus();
      }
      return absl::DataLossError("the echo is not as asked for");
    }
    case Kind::kImport:
    case Kind::kOrder: {
      Order order;
      const std::string id = OrderId(kind_ == Kind::kImport ? index : index % orders_);
      if (order.ParseFromString(bytes) && order.order_id() == id && order.state() == Order::STATE_DELIVERED) {
        return absl::OkStatus();
      }
      return absl::DataLossError(absl::StrCat("order ", id, " is not as imported"));
    }
    case Kind::kCreate:
    case Kind::kGet:
      return CheckClaim(index, reply);
  }
  return absl::OkStatus();
}

absl::Status Plan::CheckClaim(int64_t index, absl::string_view reply) {
  Claim claim;
  if (!claim.ParseFromArray(reply.data(), static_cast<int>(reply.size()))) {
    return absl::DataLossError("a reply is no claim");
  }
  if (kind_ == Kind::kGet) {
    if (claim.claim_id() == claims_[static_cast<size_t>(index) % claims_.size()]) return absl::OkStatus();
    return absl::DataLossError("another claim than asked for");
  }
  if (claim.order_id() != OrderId(index / kClaimsPerOrder) || claim.state() != Claim::STATE_APPROVED ||
      claim.claim_id().empty()) {
    return absl::DataLossError("the claim is not as opened");
  }
  absl::MutexLock lock(&mutex_);
  created_.push_back(claim.claim_id());
  return absl::OkStatus();
}

}  // namespace makegood::bench
