#include "tools/tour/tour.h"

#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/rules/times.h"
#include "tools/makegoodctl/client/files.h"

namespace makegood::ctl {
namespace {

using base::v1::Role;
using ClaimsStub = claims::v1::ClaimsService::Stub;
using NotificationsStub = notifications::v1::NotificationsService::Stub;
using OrdersStub = orders::v1::OrdersService::Stub;
using PaymentsStub = payments::v1::PaymentsService::Stub;
using TimelineStub = orders::v1::TimelineService::Stub;

// Text in the terminal's colour, where there is one.
std::string Coloured(absl::string_view text, int colour) {
  static const bool terminal = isatty(STDOUT_FILENO) != 0;
  return terminal ? absl::StrCat("\033[", colour, "m", text, "\033[0m") : std::string(text);
}

constexpr int kGreen = 32;
constexpr int kRed = 31;
constexpr int kBold = 1;

std::string LocalTime(const google::protobuf::Timestamp& time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M", rules::ToTime(time), zone);
}

}  // namespace

std::string Tour::File(absl::string_view name) const { return absl::StrCat(folder_, "/", name); }

void Tour::Chapter(absl::string_view title) {
  std::printf("\n%s\n", Coloured(absl::StrCat("== ", title), kBold).c_str());
}

void Tour::Promise(bool kept, absl::string_view what) {
  if (kept) {
    ++kept_;
  } else {
    broken_.emplace_back(what);
  }
  std::printf("  %s %s\n", kept ? Coloured("ok", kGreen).c_str() : Coloured("BROKEN", kRed).c_str(),
              std::string(what).c_str());
}

void Tour::Accepted(const absl::Status& status, absl::string_view what) {
  Promise(status.ok(), status.ok() ? std::string(what) : absl::StrCat(what, ", but: ", status.ToString()));
}

void Tour::Refused(const absl::Status& status, absl::string_view rule_id, absl::string_view what) {
  const bool as_promised = !status.ok() && RuleOf(status) == rule_id;
  Promise(as_promised, as_promised ? absl::StrCat(what, ": refused by ", rule_id)
                                   : absl::StrCat(what, ": want a refusal by ", rule_id, ", got ",
                                                  status.ok() ? "OK" : status.ToString()));
}

void Tour::MoveTo(absl::string_view time) {
  absl::Time to;
  if (!absl::ParseTime("%Y-%m-%dT%H:%M%Ez", time, &to, nullptr)) {
    Promise(false, absl::StrCat(time, " is a time"));
    return;
  }
  base::v1::AdvanceTimeRequest request;
  *request.mutable_to_time() = rules::ToTimestamp(to);
  const absl::Status moved =
      client_.Call(Operations(), *client_.clock, &base::v1::TestClockService::Stub::AdvanceTime, request)
          .status();
  if (!moved.ok()) Promise(false, absl::StrCat("the clock moves to ", time, ": ", moved.ToString()));
}

void Tour::Settle() {
  const auto now = client_.Call(Operations(), *client_.clock, &base::v1::TestClockService::Stub::GetTime,
                                base::v1::GetTimeRequest());
  if (!now.ok()) return Promise(false, absl::StrCat("the clock tells the time: ", now.status().ToString()));
  base::v1::AdvanceTimeRequest request;
  *request.mutable_to_time() = now->time();
  const absl::Status settled =
      client_.Call(Operations(), *client_.clock, &base::v1::TestClockService::Stub::AdvanceTime, request)
          .status();
  if (!settled.ok()) Promise(false, absl::StrCat("everything settles: ", settled.ToString()));
}

orders::v1::Order Tour::Order(const std::string& order_id) {
  orders::v1::GetOrderRequest request;
  request.set_order_id(order_id);
  auto order = client_.Call(Operations(), *client_.orders, &OrdersStub::GetOrder, request);
  if (order.ok()) return *std::move(order);
  Promise(false, absl::StrCat("order ", order_id, " can be read: ", order.status().ToString()));
  return {};
}

claims::v1::Claim Tour::Claim(const std::string& claim_id) {
  claims::v1::GetClaimRequest request;
  request.set_claim_id(claim_id);
  auto claim = client_.Call(Operations(), *client_.claims, &ClaimsStub::GetClaim, request);
  if (claim.ok()) return *std::move(claim);
  Promise(false, absl::StrCat("claim ", claim_id, " can be read: ", claim.status().ToString()));
  return {};
}

payments::v1::Account Tour::Account(const std::string& order_id) {
  payments::v1::GetAccountRequest request;
  request.set_order_id(order_id);
  auto account = client_.Call(Operations(), *client_.payments, &PaymentsStub::GetAccount, request);
  if (account.ok()) return *std::move(account);
  Promise(false, absl::StrCat("the account of ", order_id, " can be read: ", account.status().ToString()));
  return {};
}

std::vector<payments::v1::Refund> Tour::Refunds(const std::string& order_id) {
  payments::v1::ListRefundsRequest request;
  request.set_order_id(order_id);
  const auto page = client_.Call(Operations(), *client_.payments, &PaymentsStub::ListRefunds, request);
  if (!page.ok()) {
    Promise(false, absl::StrCat("refunds can be listed: ", page.status().ToString()));
    return {};
  }
  return {page->refunds().begin(), page->refunds().end()};
}

int Tour::NoticeCount(const std::string& order_id, absl::string_view template_name,
                      base::v1::Channel channel) {
  notifications::v1::ListNoticesRequest request;
  request.set_order_id(order_id);
  request.set_page_size(1000);
  const auto page =
      client_.Call(Operations(), *client_.notifications, &NotificationsStub::ListNotices, request);
  if (!page.ok()) {
    Promise(false, absl::StrCat("notices can be listed: ", page.status().ToString()));
    return -1;
  }
  int count = 0;
  for (const notifications::v1::Notice& notice : page->notices()) {
    if (notice.template_name() == template_name && notice.channel() == channel) ++count;
  }
  return count;
}

int Tour::EventCount(const std::string& order_id, events::v1::Event::PayloadCase kind) {
  orders::v1::ListTimelineRequest request;
  request.set_order_id(order_id);
  request.set_page_size(1000);
  const auto page = client_.Call(Operations(), *client_.timelines, &TimelineStub::ListTimeline, request);
  if (!page.ok()) {
    Promise(false, absl::StrCat("the timeline can be read: ", page.status().ToString()));
    return -1;
  }
  int count = 0;
  for (const orders::v1::TimelineEntry& entry : page->entries()) {
    if (entry.event().payload_case() == kind) ++count;
  }
  return count;
}

void Tour::Story(const std::string& order_id) {
  const orders::v1::Order order = Order(order_id);
  std::printf("\n  %s  %s, %s, as its customer reads it (%s)\n", Coloured(order_id, kBold).c_str(),
              order.policy().marketplace().c_str(),
              orders::v1::Order::State_Name(order.state()).substr(sizeof("STATE_") - 1).c_str(),
              order.language().c_str());
  base::v1::GetPolicyRequest policy_request;
  policy_request.set_marketplace(order.policy().marketplace());
  const auto policy = client_.Call(Operations(), *client_.policies, &base::v1::PolicyService::Stub::GetPolicy,
                                   policy_request);
  absl::TimeZone zone = absl::UTCTimeZone();
  if (policy.ok()) absl::LoadTimeZone(policy->time_zone(), &zone);

  orders::v1::ListTimelineRequest request;
  request.set_order_id(order_id);
  request.set_page_size(1000);
  const auto page = client_.Call(CustomerOf(order), *client_.timelines, &TimelineStub::ListTimeline, request);
  if (!page.ok())
    return Promise(false, absl::StrCat("a customer can read its timeline: ", page.status().ToString()));
  for (const orders::v1::TimelineEntry& entry : page->entries()) {
    std::printf("    %s  %s\n", LocalTime(entry.time(), zone).c_str(), entry.text().c_str());
  }
}

void Tour::PayRefunds(const std::string& order_id) {
  for (const payments::v1::Refund& refund : Refunds(order_id)) {
    if (refund.state() != payments::v1::Refund::STATE_PENDING) continue;
    auto request = New<payments::v1::SettleRefundRequest>();
    request.set_refund_id(refund.refund_id());
    request.set_provider_reference(absl::StrCat("transfer-", refund.refund_id()));
    Accepted(client_.Call(Operations(), *client_.payments, &PaymentsStub::SettleRefund, request).status(),
             absl::StrCat("a refund of ", order_id, " is confirmed"));
  }
  Settle();
}

base::v1::Actor Operations() { return MakeActor(Role::ROLE_OPERATIONS, "operations-1"); }
base::v1::Actor System() { return MakeActor(Role::ROLE_SERVICE, "marketplace"); }
base::v1::Actor CustomerOf(const orders::v1::Order& order) {
  return MakeActor(Role::ROLE_CUSTOMER, order.customer_id());
}
base::v1::Actor EmployeeOf(const orders::v1::Order& order) {
  return MakeActor(Role::ROLE_STORE_EMPLOYEE, absl::StrCat("employee-", order.merchant_id()),
                   order.merchant_id());
}
base::v1::Actor ManagerOf(const orders::v1::Order& order) {
  return MakeActor(Role::ROLE_STORE_MANAGER, absl::StrCat("manager-", order.merchant_id()),
                   order.merchant_id());
}
base::v1::Actor CourierOf(const orders::v1::Order& order) {
  return MakeActor(Role::ROLE_COURIER, absl::StrCat("courier-", order.order_id()));
}

void Dispatch(Tour& tour, const std::string& order_id) {
  const orders::v1::Order order = tour.Order(order_id);
  auto start = tour.New<orders::v1::StartShippingRequest>();
  start.set_order_id(order_id);
  Client& client = tour.client();
  if (order.state() == orders::v1::Order::STATE_OPEN) {
    tour.Accepted(client.Call(EmployeeOf(order), *client.orders, &OrdersStub::StartShipping, start).status(),
                  absl::StrCat(order_id, " is being packed"));
  }
  auto hand_over = tour.New<orders::v1::HandOverRequest>();
  hand_over.set_order_id(order_id);
  hand_over.set_carrier("Carrier");
  hand_over.set_tracking_number(absl::StrCat("TR-", order_id));
  tour.Accepted(client.Call(EmployeeOf(order), *client.orders, &OrdersStub::HandOver, hand_over).status(),
                absl::StrCat(order_id, " is with the carrier"));
}

void Deliver(Tour& tour, const std::string& order_id) {
  Client& client = tour.client();
  const auto now = client.Call(Operations(), *client.clock, &base::v1::TestClockService::Stub::GetTime,
                               base::v1::GetTimeRequest());
  auto request = tour.New<orders::v1::RecordDeliveryRequest>();
  request.set_order_id(order_id);
  if (now.ok()) *request.mutable_delivered_time() = now->time();
  const orders::v1::Order order = tour.Order(order_id);
  tour.Accepted(client.Call(EmployeeOf(order), *client.orders, &OrdersStub::RecordDelivery, request).status(),
                absl::StrCat(order_id, " is delivered"));
}

absl::Status Choose(Tour& tour, const claims::v1::Claim& claim, base::v1::ResolutionKind resolution) {
  auto request = tour.New<claims::v1::ChooseResolutionRequest>();
  request.set_claim_id(claim.claim_id());
  request.set_resolution(resolution);
  Client& client = tour.client();
  return client
      .Call(CustomerOf(tour.Order(claim.order_id())), *client.claims, &ClaimsStub::ChooseResolution, request)
      .status();
}

absl::Status CheckTour(Client& client, const std::string& folder) {
  for (const char* name : {"orders.csv", "shop_2026-09-02.csv", "shop_2026-09-03.csv", "shop_2026-09-04.csv",
                           "photo.jpg", "photo.png", "clip.mp4", "not_a_photo.jpg"}) {
    RETURN_IF_ERROR(ReadFile(absl::StrCat(folder, "/", name)).status());
  }
  const absl::Status clock = client
                                 .Call(Operations(), *client.clock,
                                       &base::v1::TestClockService::Stub::GetTime, base::v1::GetTimeRequest())
                                 .status();
  if (absl::IsUnimplemented(clock)) {
    return absl::UnimplementedError(
        "the tour moves the clock, and that of this server cannot be moved: it takes one started with "
        "--test_clock");
  }
  RETURN_IF_ERROR(clock);
  orders::v1::ListOrdersRequest any;
  any.set_page_size(1);
  ASSIGN_OR_RETURN(const auto page, client.Call(Operations(), *client.orders, &OrdersStub::ListOrders, any));
  if (page.orders().empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the server is in use, it has orders already; the tour wants a fresh one, like that of tools/run");
}

int PlayTour(Client& client, const std::string& folder, const std::string& metrics_address) {
  Tour tour(client, folder);
  PlayOrders(tour);
  PlayDeliveries(tour);
  PlayStock(tour);
  PlaySurcharges(tour);
  PlayDoors(tour);
  PlayShipping(tour);
  PlayOverdue(tour);
  PlayClaims(tour);
  ConfirmStock(tour);
  ShowFigures(tour, metrics_address);
  std::printf("\n%d promises kept, %d broken\n", tour.kept(), tour.broken());
  for (const std::string& promise : tour.broken_promises()) std::printf("  broken: %s\n", promise.c_str());
  return tour.broken() == 0 ? 0 : 1;
}

}  // namespace makegood::ctl
