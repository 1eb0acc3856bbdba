#include "services/host/domain_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/metrics/grid.h"
#include "common/rules/times.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::services {
namespace {

using events::v1::Event;
using metrics::Axis;
using metrics::EnumAxis;
using Counters = metrics::Grid<prometheus::Counter>;
using Histograms = metrics::Grid<prometheus::Histogram>;
using Buckets = prometheus::Histogram::BucketBoundaries;

// Word i of each list is i here.
enum Outcome { kDelivered, kCancelled, kReturned, kNeverOpen };
enum DeliveryOutcome {
  kToRecipient,
  kToThirdPerson,
  kDeviation,
  kNobodyThere,
  kElsewhere,
  kRefused,
  kArrivedLate
};
enum InterceptionOutcome { kAsked, kSucceeded, kNotGivenBack, kRefusedAtOnce };
enum RefundOutcome { kSettled, kFailed };
enum NoticeOutcome { kSent, kNotSent };
enum Sla { kFirstNotice, kVerification, kResolution, kRefund, kResend, kCollection };
enum EscalatedTo { kOperations, kPublic };
// After the kinds of resolution.
enum ClosedAs { kRejected, kRetracted, kLapsed };

Axis ResolutionAxis() { return EnumAxis("resolution", *base::v1::ResolutionKind_descriptor()); }

Axis ClosedAxis() {
  Axis axis = ResolutionAxis();
  for (const char* word : {"rejected", "retracted", "lapsed"}) axis.words.emplace_back(word);
  return axis;
}

int ClosedIndex(ClosedAs as) { return base::v1::ResolutionKind_ARRAYSIZE + as; }

Axis IncidentAxis() { return EnumAxis("kind", *base::v1::IncidentKind_descriptor()); }

Axis KindAxis() { return EnumAxis("kind", *base::v1::ClaimKind_descriptor()); }
Axis ChannelAxis() { return EnumAxis("channel", *base::v1::Channel_descriptor()); }
Axis SlaAxis() {
  return {"sla", {"first_notice", "verification", "resolution", "refund", "resend", "collection"}};
}

// Templates are named after what they are about: "order_cancelled" is of the group "order".
const std::vector<std::string>& TemplateGroups() {
  static const auto* const groups = new std::vector<std::string>{
      "order",      "incident",   "supplier", "delivery", "claim",     "resolution",  "return",
      "withdrawal", "correction", "refund",   "payment",  "surcharge", "credit_note", "other"};
  return *groups;
}

int TemplateGroup(absl::string_view template_name) {
  const int last = static_cast<int>(TemplateGroups().size()) - 1;
  for (int i = 0; i < last; ++i) {
    if (absl::StartsWith(template_name, TemplateGroups()[i])) return i;
  }
  return last;
}

Buckets Hours(const std::vector<double>& hours) {
  Buckets buckets;
  for (const double hour : hours) buckets.push_back(hour * 3600);
  return buckets;
}

// Every rule of the book, by each chapter's last (held by tools/check.d/rules): a closed list, so that no
// text becomes a label.
std::vector<std::string> AllRules() {
  const std::vector<std::pair<const char*, int>> chapters = {
      {"POL", 2},  {"CAL", 3}, {"ORD", 13}, {"AVL", 9}, {"DLV", 9}, {"CLM", 15}, {"PAY", 11},
      {"RFD", 10}, {"NTF", 7}, {"WRK", 2},  {"FMJ", 1}, {"KPI", 8}, {"ROL", 12}, {"SYS", 13}};
  std::vector<std::string> rules;
  for (const auto& [chapter, last] : chapters) {
    for (int i = 1; i <= last; ++i) rules.push_back(absl::StrFormat("%s-%02d", chapter, i));
  }
  rules.emplace_back("other");
  return rules;
}

std::vector<std::string> Marketplaces(const rules::PolicyBook& policies) {
  std::vector<std::string> names;
  for (const rules::Policy* policy : policies.AllCurrent()) names.push_back(policy->marketplace());
  return names;
}

prometheus::Family<prometheus::Counter>& Counter(prometheus::Registry& registry, const char* name,
                                                 const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Histogram>& Histogram(prometheus::Registry& registry, const char* name,
                                                     const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

void Increment(const Counters& counters, std::initializer_list<int> indexes, double by = 1) {
  if (prometheus::Counter* counter = counters.At(indexes); counter != nullptr) counter->Increment(by);
}

void Observe(const Histograms& histograms, std::initializer_list<int> indexes, absl::Duration duration) {
  if (prometheus::Histogram* histogram = histograms.At(indexes); histogram != nullptr) {
    histogram->Observe(std::max(0.0, absl::ToDoubleSeconds(duration)));
  }
}

void SetTargets(prometheus::Registry& registry, const rules::PolicyBook& policies) {
  auto& targets = prometheus::BuildGauge()
                      .Name("makegood_policy_target_seconds")
                      .Help("What the policy asks for, where that is a fixed time.")
                      .Register(registry);
  for (const rules::Policy* policy : policies.AllCurrent()) {
    const auto set = [&](const char* sla, double seconds) {
      targets.Add({{"marketplace", policy->marketplace()}, {"sla", sla}}).Set(seconds);
    };
    set("first_notice", policy->notices().first_notice_within_minutes() * 60.0);
    set("resolution", policy->targets().resolution_hours() * 3600.0);
    const auto& refund_hours = policy->claims().refund_target_hours();
    if (!refund_hours.empty()) set("refund", refund_hours[refund_hours.size() - 1] * 3600.0);
  }
}

}  // namespace

class DomainMetrics::Figures {
 public:
  Figures(prometheus::Registry& registry, const rules::PolicyBook& policies)
      : market_{"marketplace", Marketplaces(policies)},
        orders_opened_(Counter(registry, "makegood_orders_opened_total", "Orders that became open."),
                       {market_}),
        orders_closed_(
            Counter(
                registry, "makegood_orders_closed_total",
                "Orders that reached a final status; those cancelled before they were open apart (KPI-01)."),
            {market_, {"outcome", {"delivered", "cancelled", "returned", "never_open"}}}),
        orders_cancelled_(Counter(registry, "makegood_orders_cancelled_total",
                                  "Orders that were cancelled; counted: in the cancel rate (KPI-05)."),
                          {market_,
                           EnumAxis("initiator", *base::v1::Initiator_descriptor()),
                           EnumAxis("reason", *base::v1::CancelReason_descriptor()),
                           {"merchant_caused", {"false", "true"}},
                           {"counted", {"false", "true"}}}),
        returns_(Counter(registry, "makegood_returns_total", "Orders that came back."),
                 {market_, EnumAxis("cause", *base::v1::ReturnCause_descriptor())}),
        order_lines_(Counter(registry, "makegood_order_lines_total", "Order lines delivered."), {market_}),
        order_line_errors_(Counter(registry, "makegood_order_line_errors_total",
                                   "Order lines on which a claim was approved, each once."),
                           {market_, EnumAxis("error", *base::v1::ClaimKind_descriptor())}),
        incidents_opened_(
            Counter(registry, "makegood_incidents_opened_total", "Trouble found before orders arrived."),
            {market_, IncidentAxis()}),
        incidents_closed_(
            Counter(registry, "makegood_incidents_closed_total",
                    "Trouble before orders arrived that is over."),
            {market_, IncidentAxis(), EnumAxis("outcome", *base::v1::IncidentOutcome_descriptor())}),
        deliveries_(
            Counter(registry, "makegood_deliveries_total",
                    "What came of parcels that were out: who took them, or why they were called back."),
            {market_,
             {"outcome",
              {"recipient", "third_person", "deviation", "nobody_there", "recipient_elsewhere", "refused",
               "arrived_late"}}}),
        interceptions_(Counter(registry, "makegood_interceptions_total",
                               "Parcels that were to be called back from their carrier (DLV-08)."),
                       {market_, {"outcome", {"asked", "succeeded", "failed", "refused"}}}),
        claims_opened_(Counter(registry, "makegood_claims_opened_total", "Claims opened."),
                       {market_, KindAxis()}),
        claims_closed_(Counter(registry, "makegood_claims_closed_total", "Claims that ended."),
                       {market_, KindAxis(), ClosedAxis()}),
        claims_overdue_(Counter(registry, "makegood_claims_overdue_total",
                                "Claims whose window closed without a decision."),
                        {market_}),
        calls_refused_(Counter(registry, "makegood_calls_refused_total",
                               "What cases asked another service for and were refused."),
                       {market_, EnumAxis("call", *base::v1::CallKind_descriptor())}),
        escalations_(Counter(registry, "makegood_escalations_total", "Cases escalated."),
                     {market_, {"to", {"operations", "public"}}}),
        sla_outcomes_(Counter(registry, "makegood_sla_outcomes_total", "Promised times kept or not."),
                      {market_, SlaAxis(), EnumAxis("outcome", *base::v1::SlaOutcome_descriptor())}),
        surcharges_(Counter(registry, "makegood_surcharges_total", "Surcharges that came into a state."),
                    {market_, EnumAxis("state", *base::v1::SurchargeState_descriptor())}),
        refunds_(Counter(registry, "makegood_refunds_total", "Refunds that settled or failed."),
                 {market_, {"outcome", {"settled", "failed"}}}),
        notifications_(Counter(registry, "makegood_notifications_total", "Messages handed over or given up."),
                       {ChannelAxis(), {"outcome", {"sent", "failed"}}}),
        rule_refusals_(Counter(registry, "makegood_rule_refusals_total", "Requests that a rule refused."),
                       {{"rule", AllRules()}}),
        resolution_seconds_(Histogram(registry, "makegood_resolution_seconds",
                                      "From the time a problem became known until it was made good."),
                            {market_, {"subject", {"claim"}}, KindAxis(), ResolutionAxis()},
                            Hours({1, 4, 8, 12, 24, 36, 48, 72, 96, 168, 336, 720})),
        verification_seconds_(Histogram(registry, "makegood_claim_verification_seconds",
                                        "From complete evidence to the decision."),
                              {market_, KindAxis()}, Hours({1, 8, 24, 72, 168, 336, 672, 1008})),
        refund_seconds_(Histogram(registry, "makegood_refund_seconds",
                                  "From the decision to give money back until the customer had it."),
                        {market_}, Hours({1, 4, 12, 24, 48, 72, 120, 240, 504})),
        notification_delay_(Histogram(registry, "makegood_notification_delay_seconds",
                                      "From an event until its message was handed over."),
                            {{"template_group", TemplateGroups()}, ChannelAxis()},
                            Buckets{1, 10, 60, 300, 900, 1800, 3600, 7200, 14400, 86400}) {
    for (size_t i = 0; i < market_.words.size(); ++i) markets_.emplace(market_.words[i], static_cast<int>(i));
    const std::vector<std::string> all_rules = AllRules();
    for (size_t i = 0; i < all_rules.size(); ++i) rules_.emplace(all_rules[i], static_cast<int>(i));
    SetTargets(registry, policies);
  }

  void Count(const Event& event) const {
    const auto market = markets_.find(event.policy().marketplace());
    const int at = market == markets_.end() ? -1 : market->second;  // -1: no series
    CountOrder(event, at);
    CountIncident(event, at);
    CountDelivery(event, at);
    CountClaim(event, at);
    CountMoney(event, at);
    CountNotice(event, at);
  }

  void CountRefusal(absl::string_view rule_id) const {
    const auto rule = rules_.find(rule_id);
    Increment(rule_refusals_, {rule == rules_.end() ? rules_.find("other")->second : rule->second});
  }

 private:
  void CountOrder(const Event& event, int market) const {
    switch (event.payload_case()) {
      case Event::kOrderOpened:
        return Increment(orders_opened_, {market});
      case Event::kOrderDelivered:
        Increment(orders_closed_, {market, kDelivered});
        return Increment(order_lines_, {market}, event.order_delivered().line_count());
      case Event::kOrderReturned:
        Increment(orders_closed_, {market, kReturned});
        return Increment(returns_, {market, event.order_returned().cause()});
      case Event::kOrderCancelled: {
        const events::v1::OrderCancelled& cancelled = event.order_cancelled();
        Increment(orders_closed_, {market, cancelled.was_open() ? kCancelled : kNeverOpen});
        return Increment(orders_cancelled_,
                         {market, cancelled.initiator(), cancelled.reason(),
                          cancelled.merchant_caused() ? 1 : 0, cancelled.counted() ? 1 : 0});
      }
      default:
        return;
    }
  }

  void CountDelivery(const Event& event, int market) const {
    switch (event.payload_case()) {
      case Event::kParcelHandedOver: {
        const events::v1::ParcelHandedOver& fact = event.parcel_handed_over();
        return Increment(deliveries_, {market, fact.deviation()                            ? kDeviation
                                               : fact.taker() == base::v1::TAKER_RECIPIENT ? kToRecipient
                                                                                           : kToThirdPerson});
      }
      case Event::kCourierCalledBack: {
        const base::v1::IncidentKind cause = event.courier_called_back().cause();
        return Increment(deliveries_, {market, cause == base::v1::INCIDENT_KIND_NOBODY_THERE ? kNobodyThere
                                               : cause == base::v1::INCIDENT_KIND_REFUSED    ? kRefused
                                                                                             : kElsewhere});
      }
      case Event::kArrivalRecorded:
        return Increment(deliveries_, {market, kArrivedLate});
      case Event::kInterceptionRequested:
        return Increment(interceptions_,
                         {market, event.interception_requested().refused() ? kRefusedAtOnce : kAsked});
      case Event::kInterceptionEnded:
        return Increment(interceptions_,
                         {market, event.interception_ended().succeeded() ? kSucceeded : kNotGivenBack});
      default:
        return;
    }
  }

  void CountIncident(const Event& event, int market) const {
    switch (event.payload_case()) {
      case Event::kIncidentOpened:
        if (event.incident_opened().again()) return;
        return Increment(incidents_opened_, {market, event.incident_opened().kind()});
      case Event::kIncidentOverdue:
        return Increment(escalations_, {market, kOperations});
      case Event::kIncidentEscalated:
        return Increment(escalations_,
                         {market, event.incident_escalated().public_() ? kPublic : kOperations});
      case Event::kIncidentClosed:
        return Increment(incidents_closed_,
                         {market, event.incident_closed().kind(), event.incident_closed().outcome()});
      default:
        return;
    }
  }

  void CountClaim(const Event& event, int market) const {
    switch (event.payload_case()) {
      case Event::kClaimOpened:
        return Increment(claims_opened_, {market, event.claim_opened().kind()});
      case Event::kClaimApproved:
        Increment(order_line_errors_, {market, event.claim_approved().kind()},
                  event.claim_approved().line_count());
        return CountDecision(event, event.claim_approved(), market);
      case Event::kClaimRejected:
        CountDecision(event, event.claim_rejected(), market);
        if (!event.claim_rejected().final()) return;
        return Increment(claims_closed_, {market, event.claim_rejected().kind(), ClosedIndex(kRejected)});
      case Event::kRejectionClosed:
        return Increment(claims_closed_, {market, event.rejection_closed().kind(), ClosedIndex(kRejected)});
      case Event::kClaimRetracted:
        return Increment(claims_closed_, {market, event.claim_retracted().kind(), ClosedIndex(kRetracted)});
      case Event::kClaimLapsed:
        return Increment(claims_closed_, {market, event.claim_lapsed().kind(), ClosedIndex(kLapsed)});
      case Event::kClaimOverdue:
        Increment(claims_overdue_, {market});
        return Increment(escalations_, {market, kOperations});
      case Event::kCallRefused:
        return Increment(calls_refused_, {market, event.call_refused().call()});
      case Event::kClaimResolved:
        return CountResolution(event, market);
      case Event::kGoodsReshipped:
        return Increment(sla_outcomes_, {market, kResend, event.goods_reshipped().speed()});
      case Event::kWrongItemCollected:
        return Increment(sla_outcomes_, {market, kCollection, event.wrong_item_collected().outcome()});
      default:
        return;
    }
  }

  template <typename Verdict>
  void CountDecision(const Event& event, const Verdict& verdict, int market) const {
    Increment(sla_outcomes_, {market, kVerification, verdict.verification()});
    if (!verdict.has_submitted_time()) return;
    Observe(verification_seconds_, {market, verdict.kind()},
            rules::ToTime(event.time()) - rules::ToTime(verdict.submitted_time()));
  }

  void CountResolution(const Event& event, int market) const {
    const events::v1::ClaimResolved& resolved = event.claim_resolved();
    Increment(claims_closed_, {market, resolved.kind(), resolved.resolution()});
    Increment(sla_outcomes_, {market, kResolution, resolved.outcome()});
    Observe(resolution_seconds_, {market, 0, resolved.kind(), resolved.resolution()},
            rules::ToTime(event.time()) - rules::ToTime(resolved.detected_time()));
  }

  void CountMoney(const Event& event, int market) const {
    switch (event.payload_case()) {
      case Event::kRefundSettled:
        Increment(refunds_, {market, kSettled});
        Increment(sla_outcomes_, {market, kRefund, event.refund_settled().outcome()});
        return Observe(refund_seconds_, {market},
                       rules::ToTime(event.time()) - rules::ToTime(event.refund_settled().granted_time()));
      case Event::kRefundFailed:
        return Increment(refunds_, {market, kFailed});
      case Event::kSurchargeMoved:
        return Increment(surcharges_, {market, event.surcharge_moved().state()});
      default:
        return;
    }
  }

  void CountNotice(const Event& event, int market) const {
    switch (event.payload_case()) {
      case Event::kNoticeSent: {
        const events::v1::NoticeSent& sent = event.notice_sent();
        Increment(notifications_, {sent.channel(), kSent});
        Increment(sla_outcomes_, {market, kFirstNotice, sent.first_notice()});
        return Observe(notification_delay_, {TemplateGroup(sent.template_name()), sent.channel()},
                       rules::ToTime(event.time()) - rules::ToTime(sent.caused_time()));
      }
      case Event::kNoticeFailed:
        return Increment(notifications_, {event.notice_failed().channel(), kNotSent});
      default:
        return;
    }
  }

  const Axis market_;
  const Counters orders_opened_;
  const Counters orders_closed_;
  const Counters orders_cancelled_;
  const Counters returns_;
  const Counters order_lines_;
  const Counters order_line_errors_;
  const Counters incidents_opened_;
  const Counters incidents_closed_;
  const Counters deliveries_;
  const Counters interceptions_;
  const Counters claims_opened_;
  const Counters claims_closed_;
  const Counters claims_overdue_;
  const Counters calls_refused_;
  const Counters escalations_;
  const Counters sla_outcomes_;
  const Counters surcharges_;
  const Counters refunds_;
  const Counters notifications_;
  const Counters rule_refusals_;
  const Histograms resolution_seconds_;
  const Histograms verification_seconds_;
  const Histograms refund_seconds_;
  const Histograms notification_delay_;
  absl::flat_hash_map<std::string, int> markets_;
  absl::flat_hash_map<std::string, int> rules_;
};

DomainMetrics::DomainMetrics(prometheus::Registry& registry, const rules::PolicyBook& policies)
    : figures_(std::make_unique<Figures>(registry, policies)) {}

DomainMetrics::~DomainMetrics() = default;

void DomainMetrics::Count(const store::Committed& committed) {
  Event event;
  for (const store::StoredEvent& stored : committed.events) {
    if (event.ParseFromString(stored.data)) figures_->Count(event);
  }
}

void DomainMetrics::CountRefusal(absl::string_view rule_id) { figures_->CountRefusal(rule_id); }

}  // namespace makegood::services
