#include "services/orders/orders_app.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/flow/post_task.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/erasure_tasks.h"
#include "common/rules/incidents/closing_rules.h"
#include "common/rules/incidents/incident_rules.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/incidents/supplier_tasks.h"
#include "common/rules/orders/address_rules.h"
#include "common/rules/orders/order_rules.h"
#include "common/rules/orders/order_stock.h"
#include "common/rules/orders/timeline_rules.h"
#include "common/rules/scope.h"
#include "common/rules/stores/order_stock_rules.h"
#include "common/rules/stores/stale_stock.h"
#include "common/rules/stores/store_records.h"
#include "common/rules/stores/waiting_orders.h"
#include "common/rules/work/work_rules.h"
#include "common/rules/work/work_table.h"
#include "makegood/events/v1/event_service.grpc.pb.h"

namespace makegood::services {
namespace {

using events::v1::Event;

// Every source, and how to reach it.
struct Source {
  const char* name;
  std::shared_ptr<grpc::Channel> rpc::Peers::*channel;
};
constexpr Source kSources[] = {
    {"orders", &rpc::Peers::orders},
    {"claims", &rpc::Peers::claims},
    {"payments", &rpc::Peers::payments},
    {"notifications", &rpc::Peers::notifications},
};

// What an event of `source` causes here.
flow::Reaction ReactionTo(const std::string& source) {
  return [source](const Event& event, rules::Transaction& tx) -> absl::Status {
    if (source == "payments") {
      RETURN_IF_ERROR(rules::ReactToPayment(event, tx));
      RETURN_IF_ERROR(rules::FollowPayment(event, tx));
    }
    if (source == "claims") RETURN_IF_ERROR(rules::FollowCase(event, tx));
    if (source == "orders") {
      RETURN_IF_ERROR(rules::FollowOrder(event, tx));
      RETURN_IF_ERROR(rules::FollowDelivery(event, tx));
      RETURN_IF_ERROR(rules::TellStock(event, tx));
    }
    RETURN_IF_ERROR(rules::FollowWork(event, tx));
    return rules::AppendToTimeline(source, event, tx);
  };
}

// A timer: the decision named, for what is the task's payload.
flow::TaskKind TimerFor(absl::Status (*decide)(absl::string_view id, rules::Transaction& tx)) {
  return flow::Timer(
      [decide](const rules::Task& task, rules::Transaction& tx) { return decide(task.payload, tx); });
}

void AddIncidentTimers(flow::TaskKinds& kinds) {
  kinds[rules::kShipmentOverdue] = TimerFor(rules::MarkShipmentOverdue);
  kinds[rules::kShipmentNoStock] = TimerFor(rules::MarkNoStock);
  kinds[rules::kChoiceDue] = TimerFor(rules::EndChoice);
  kinds[rules::kRestockDue] = TimerFor(rules::EndRestock);
  kinds[rules::kSupplierDue] = TimerFor(rules::EndSupplierTerm);
}

absl::Status CheckStale(const rules::Task& task, rules::Transaction& tx) {
  stores::v1::StaleCheck check;
  if (!check.ParseFromString(task.payload)) return absl::DataLossError("the payload cannot be read");
  return rules::LookForStale(check, tx);
}

// What orders and their merchants' stock tell each other, and what stock does by itself (AVL-01).
void AddStockKinds(const rpc::Environment& environment, flow::TaskKinds& kinds) {
  const base::v1::Actor actor = rules::ServiceActor("orders");
  kinds[rules::kTellStock] = flow::PostTask<stores::v1::StockStatement>(
      environment.store, environment.policies, actor, rules::HearOrder);
  kinds[rules::kShortageNews] = flow::PostTask<stores::v1::ShortageNews>(
      environment.store, environment.policies, actor, rules::HearShortage);
  kinds[rules::kFillWaiting] = TimerFor(rules::GoOnFilling);
  kinds[rules::kStaleCheck] = flow::Timer(CheckStale);
}

// "WORK_TURN_OPERATIONS.WORK_KIND_DECIDE_CLAIM" (rules::WorkGroup).
std::vector<std::pair<std::string, std::string>> WorkLabels(const std::string& group) {
  const std::pair<absl::string_view, absl::string_view> names = absl::StrSplit(group, '.');
  const auto word = [](absl::string_view name, absl::string_view prefix) {
    return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
  };
  return {{"turn", word(names.first, "WORK_TURN_")}, {"kind", word(names.second, "WORK_KIND_")}};
}

// "STATE_DELISTED_BY_PERSON.STALE" (rules::OfferGroup).
std::vector<std::pair<std::string, std::string>> OfferLabels(const std::string& group) {
  const std::vector<absl::string_view> words = absl::StrSplit(group, '.');
  const auto has = [&](absl::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end() ? "true" : "false";
  };
  return {{"state", absl::AsciiStrToLower(absl::StripPrefix(words[0], "STATE_"))},
          {"low", has("LOW")},
          {"stale", has("STALE")}};
}

void AddOfferGauges(std::vector<metrics::OpenGauge>& gauges) {
  using Figure = metrics::OpenGauge::Figure;
  std::vector<std::string> delisted;
  std::vector<std::string> low;
  std::vector<std::string> stale;
  for (const rules::OfferGroupParts& parts : rules::OfferGroups()) {
    const std::string group = rules::OfferGroup(parts.state, parts.low, parts.stale);
    if (parts.state != rules::Offer::STATE_LISTED) delisted.push_back(group);
    if (parts.low) low.push_back(group);
    if (parts.stale) stale.push_back(group);
  }
  const std::string kind(rules::RecordTraits<rules::Offer>::kKind);
  gauges.push_back({"makegood_offers_delisted", "Offers that nobody can order now.", Figure::kOpen, kind,
                    std::move(delisted), OfferLabels});
  gauges.push_back({"makegood_offers_low", "Offers of which few are available.", Figure::kOpen, kind,
                    std::move(low), OfferLabels});
  gauges.push_back({"makegood_offers_stale", "Offers whose stock nobody has confirmed in time.",
                    Figure::kOpen, kind, std::move(stale), OfferLabels});
}

std::vector<metrics::OpenGauge> Gauges() {
  using Figure = metrics::OpenGauge::Figure;
  const std::string kind(rules::RecordTraits<rules::Work>::kKind);
  std::vector<std::string> groups;
  for (const auto& [turn, of] : rules::TurnsAndKinds()) groups.push_back(rules::WorkGroup(turn, of));
  const std::string incident(rules::RecordTraits<rules::Incident>::kKind);
  const std::vector<std::string> states = {"STATE_OPEN", "STATE_AWAITING_RESTOCK", "STATE_AWAITING_DISPATCH",
                                           "STATE_AWAITING_RETURN"};
  std::vector<metrics::OpenGauge> gauges = {
      {"makegood_incidents_open", "Trouble before orders leave that is not over.", Figure::kOpen, incident,
       states},
      {"makegood_incidents_overdue",
       "Incidents whose choice, goods or shipment should have been there by now.", Figure::kOverdue, incident,
       states},
      {"makegood_deliveries_open",
       "Parcels on their way, back at the store, or not arrived.",
       Figure::kOpen,
       std::string(rules::RecordTraits<rules::Delivery>::kKind),
       {"STATE_WITH_CARRIER", "STATE_WITH_COURIER", "STATE_AT_THE_DOOR", "STATE_RETURNING", "STATE_AT_STORE",
        "STATE_NOT_ARRIVED"}},
      {"makegood_work_open", "Pieces of work that wait for people.", Figure::kOpen, kind, groups, WorkLabels},
      {"makegood_work_overdue", "Pieces of work that should have been done by now, put off or not.",
       Figure::kOverdue, kind, groups, WorkLabels}};
  AddOfferGauges(gauges);
  return gauges;
}

}  // namespace

OrdersApp::OrdersApp(const AppContext& context)
    : context_(context),
      claims_(claims::v1::ClaimsService::NewStub(context.peers.claims)),
      numbers_(context_.environment, *claims_),
      orders_(context_.environment, numbers_),
      contacts_(context_.environment),
      addresses_(context_.environment),
      return_numbers_(context_.environment, numbers_),
      timelines_(context_.environment),
      work_(context_.environment),
      incidents_(context_.environment),
      deliveries_(context_.environment),
      stores_(context_.environment),
      scorecards_(context_.environment),
      fast_centrik_(context_.environment),
      erasures_(context_.environment),
      policies_(context_.environment),
      erasing_(context_.environment, context_.peers) {}

void OrdersApp::AddServices(rpc::Server& server) {
  server.AddService<orders::v1::OrdersService>(orders_);
  server.AddService<orders::v1::ContactsService>(contacts_);
  server.AddService<orders::v1::AddressesService>(addresses_);
  server.AddService<orders::v1::ReturnNumbersService>(return_numbers_);
  server.AddService<orders::v1::TimelineService>(timelines_);
  server.AddService<orders::v1::WorkService>(work_);
  server.AddService<incidents::v1::IncidentsService>(incidents_);
  server.AddService<deliveries::v1::DeliveriesService>(deliveries_);
  server.AddService<stores::v1::StoresService>(stores_);
  server.AddService<orders::v1::ScorecardService>(scorecards_);
  server.AddService<orders::v1::FastCentrikService>(fast_centrik_);
  server.AddService<orders::v1::ErasureService>(erasures_);
  server.AddService<base::v1::PolicyService>(policies_);
}

void OrdersApp::Start() {
  const rpc::Environment& environment = context_.environment;
  flow::TaskKinds kinds;
  for (const Source& source : kSources) {
    kinds[flow::ReapplyKind(source.name)] = flow::ReapplyParkedEvent(ReactionTo(source.name));
  }
  erasing_.AddKinds(kinds);
  AddIncidentTimers(kinds);
  kinds[rules::kCourierWait] = TimerFor(rules::EndWait);
  kinds[rules::kAddressDue] = TimerFor(rules::EndAddressWait);
  AddStockKinds(environment, kinds);
  tasks_ =
      std::make_unique<flow::TaskRunner>(environment.store, environment.clock, environment.policies,
                                         rules::ServiceActor("orders"), std::move(kinds), context_.tasks);
  for (const Source& source : kSources) {
    subscribers_.push_back(std::make_unique<flow::Subscriber>(
        source.name, events::v1::EventService::NewStub(context_.peers.*source.channel), environment.store,
        environment.policies, rules::ServiceActor("orders"), ReactionTo(source.name)));
  }
}

void OrdersApp::EndStreams() {
  timelines_.EndStreams();
  work_.EndStreams();
}

std::vector<const flow::Subscriber*> OrdersApp::subscribers() const {
  std::vector<const flow::Subscriber*> all;
  for (const auto& subscriber : subscribers_) all.push_back(subscriber.get());
  return all;
}

AppKind OrdersKind() {
  AppKind kind;
  kind.name = "orders";
  kind.grpc_services = {orders::v1::OrdersService::service_full_name(),
                        orders::v1::ContactsService::service_full_name(),
                        orders::v1::AddressesService::service_full_name(),
                        orders::v1::TimelineService::service_full_name(),
                        orders::v1::ScorecardService::service_full_name(),
                        orders::v1::FastCentrikService::service_full_name(),
                        orders::v1::ErasureService::service_full_name(),
                        orders::v1::WorkService::service_full_name(),
                        incidents::v1::IncidentsService::service_full_name(),
                        deliveries::v1::DeliveriesService::service_full_name(),
                        stores::v1::StoresService::service_full_name(),
                        orders::v1::ReturnNumbersService::service_full_name(),
                        base::v1::PolicyService::service_full_name()};
  for (const Source& source : kSources) kind.follows.push_back(source.name);
  kind.gauges = Gauges();
  kind.make = [](const AppContext& context) { return std::make_unique<OrdersApp>(context); };
  return kind;
}

}  // namespace makegood::services
