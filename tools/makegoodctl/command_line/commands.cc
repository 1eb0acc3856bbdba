#include "tools/makegoodctl/command_line/commands.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/makegoodctl/command_line/file_commands.h"
#include "tools/makegoodctl/command_line/profile_commands.h"
#include "tools/makegoodctl/command_line/rule_commands.h"
#include "tools/makegoodctl/command_line/stream_commands.h"

namespace makegood::ctl {
namespace {

constexpr char kOrders[] = "makegood.orders.v1.OrdersService";
constexpr char kContacts[] = "makegood.orders.v1.ContactsService";
constexpr char kAddresses[] = "makegood.orders.v1.AddressesService";
constexpr char kTimelines[] = "makegood.orders.v1.TimelineService";
constexpr char kScorecards[] = "makegood.orders.v1.ScorecardService";
constexpr char kFastCentrikService[] = "makegood.orders.v1.FastCentrikService";
constexpr char kErasures[] = "makegood.orders.v1.ErasureService";
constexpr char kNotifications[] = "makegood.notifications.v1.NotificationsService";
constexpr char kEvents[] = "makegood.events.v1.EventService";
constexpr char kPolicies[] = "makegood.base.v1.PolicyService";
constexpr char kClock[] = "makegood.base.v1.TestClockService";

void AddOrders(std::vector<Command>& all) {
  all.insert(
      all.end(),
      {{"orders create",
        kOrders,
        "CreateOrder",
        "Take an order in",
        {"order.order_id"},
        "",
        {"orders create M-1002 --marketplace mall --merchant-id m-100 --customer-id c-1002"
         " --payment-method prepaid --currency CZK --delivery-fee \"99.00 CZK\""
         " --line \"line_id=1,sku=KETTLE,quantity=1,unit_price=899.00 CZK,vat_basis_points=2100\"",
         "orders create --from order.json"}},
       {"orders import",
        kOrders,
        "ImportOrder",
        "Take in a marketplace's history from a CSV file",
        {},
        "",
        {"orders import --connector olist orders.csv", "orders import --connector mine.textproto orders.csv",
         "orders import --connector olist orders.csv --dry-run --output json"},
        "--output json and text tell the report, a makegood.connectors.v1.ImportReport.",
        MakeOrdersImport},
       {"orders list",
        kOrders,
        "ListOrders",
        "List orders, newest first",
        {},
        "orders",
        {"orders list --merchant-id m-100 --state shipping", "orders list --all --output json"}},
       {"orders show",
        kOrders,
        "GetOrder",
        "Show an order and what can be done with it",
        {"order_id"},
        "",
        {"orders show M-1002"}},
       {"orders timeline",
        kTimelines,
        "ListTimeline",
        "Tell what happened to an order",
        {"order_id"},
        "entries",
        {"orders timeline M-1002"}},
       {"orders watch",
        kTimelines,
        "StreamTimeline",
        "Tell what happens to an order, as it happens",
        {"order_id"},
        "",
        {"orders watch M-1002"},
        "",
        MakeOrdersWatch},
       {"orders start-shipping",
        kOrders,
        "StartShipping",
        "The merchant begins to pick or pack",
        {"order_id"},
        "",
        {"orders start-shipping M-1002 --role store_employee --actor e-1 --store m-100"}},
       {"orders hand-over",
        kOrders,
        "HandOver",
        "The carrier has the parcel",
        {"order_id"},
        "",
        {"orders hand-over M-1002 --role store_employee --actor e-1 --store m-100"
         " --carrier PPL --tracking-number 4711"}},
       {"orders deliver",
        kOrders,
        "RecordDelivery",
        "The customer has the parcel",
        {"order_id", "delivered_time"},
        "",
        {"orders deliver M-1002 2026-09-04T16:20:00+02:00 --role courier --actor k-7"}},
       {"orders mark-returned",
        kOrders,
        "MarkReturned",
        "The parcel came back uncollected",
        {"order_id", "cause"},
        "",
        {"orders mark-returned M-1002 uncollected"}},
       {"orders cancel",
        kOrders,
        "CancelOrder",
        "Call an order off",
        {"order_id"},
        "",
        {"orders cancel M-1002 --initiator customer --reason customer_request",
         "orders cancel M-1002 --initiator merchant --reason unavailable --dry-run"}},
       {"orders take-off",
        kOrders,
        "TakeOffUnits",
        "Take off what the customer does not want any more, before dispatch",
        {"order_id"},
        "",
        {"orders take-off M-1002 --unit line_id=1,quantity=1 --reason customer_request"}},
       {"orders hold",
        kOrders,
        "PlaceHold",
        "Hold an order back from dispatch",
        {"order_id", "hold"},
        "",
        {"orders hold M-1002 stock_shortage"}},
       {"orders release",
        kOrders,
        "ReleaseHold",
        "Take a hold away",
        {"order_id", "hold"},
        "",
        {"orders release M-1002 stock_shortage"}},
       {"orders change-address",
        kAddresses,
        "ChangeAddress",
        "Send an order to another address, or confirm the one it has",
        {"order_id"},
        "",
        {"orders change-address M-1002 --details-address-line \"Kordon 7\" --details-city Izmir "
         "--details-country TR"
         " --zone national",
         "orders change-address M-1002 --zone city --delivery-fee \"120.00 TRY\" --dry-run",
         "orders change-address M-1002"}},
       {"orders report-false-delivery",
        kOrders,
        "ReportFalseDelivery",
        "DELIVERED was set by mistake",
        {"order_id"},
        "",
        {"orders report-false-delivery M-1002 --role store_manager --actor e-2 --store m-100"}},
       {"orders assign-return-number",
        kOrders,
        "AssignReturnNumber",
        "Give a correction its return number",
        {"order_id", "return_number"},
        "",
        {"orders assign-return-number M-1002 4712345678"}},
       {"corrections list",
        kOrders,
        "ListCorrections",
        "List corrections of a DELIVERED set by mistake, newest first",
        {},
        "corrections",
        {"corrections list --state reported,numbered", "corrections list --merchant-id m-100"}},
       {"corrections show",
        kOrders,
        "GetCorrection",
        "Show a correction",
        {"correction_id"},
        "",
        {"corrections show cor-0a-00112233445566778899aabb"}},
       {"contacts show",
        kContacts,
        "GetContact",
        "Show a person's details",
        {"contact_id"},
        "",
        {"contacts show con-0a-00112233445566778899aabb"}},
       {"contacts update",
        kContacts,
        "UpdateContact",
        "Replace a person's details, all of them",
        {"contact_id"},
        "",
        {"contacts update con-0a-00112233445566778899aabb --email c-1001@example.com --country CZ"
         " --address-line \"Dock 1\" --city Brno"}},
       {"scorecard show",
        kScorecards,
        "GetScorecard",
        "Show the figures of a marketplace or a merchant",
        {"marketplace"},
        "",
        {"scorecard show mall --first-day 2026-09-01 --last-day 2026-09-30 --merchant-id m-100"}},
       {"fastcentrik export",
        kFastCentrikService,
        "ExportOrders",
        "The store's open orders, as CSV",
        {},
        "",
        {"fastcentrik export --role connector --actor fastcentrik --store m-100"},
        "CSV, whatever --output says.",
        MakeShopExport},
       {"fastcentrik import",
        kFastCentrikService,
        "ReportStatus",
        "Report a shop's statuses from a CSV file",
        {},
        "",
        {"fastcentrik import statuses.csv --role connector --actor fastcentrik --store m-100",
         "fastcentrik import statuses.csv --output json --role connector --actor fastcentrik --store m-100"},
        "--output json and text tell what became of each row, as it comes: a "
        "makegood.connectors.v1.ReportVerdict a line.",
        MakeShopImport},
       {"fastcentrik report",
        kFastCentrikService,
        "ReportStatus",
        "Report what the shop says of one order",
        {"report.order_id", "report.status"},
        "",
        {"fastcentrik report M-1002 settled --date-of-delivery 2026-09-04"
         " --role connector --actor fastcentrik --store m-100"}},
       {"fastcentrik drift",
        kFastCentrikService,
        "CompareStatuses",
        "List orders whose two sides disagree",
        {},
        "",
        {"fastcentrik drift statuses.csv --role connector --actor fastcentrik --store m-100"},
        "--output json prints a makegood.orders.v1.Drift a line. Exit code 3 where there are any.",
        MakeShopDrift}});
}

void AddTheRest(std::vector<Command>& all) {
  all.insert(all.end(),
             {{"chat list",
               kNotifications,
               "ListMessages",
               "Show an order's thread",
               {"order_id"},
               "messages",
               {"chat list M-1002"}},
              {"chat post",
               kNotifications,
               "PostMessage",
               "Write into an order's thread",
               {"order_id", "text"},
               "",
               {"chat post M-1002 \"The parcel leaves today.\""}},
              {"chat watch",
               kNotifications,
               "StreamMessages",
               "Follow an order's thread",
               {"order_id"},
               "",
               {"chat watch M-1002"},
               "",
               MakeChatWatch},
              {"notices list",
               kNotifications,
               "ListNotices",
               "List messages to people, newest first",
               {},
               "notices",
               {"notices list --state failed", "notices list --overdue-only"}},
              {"notices show",
               kNotifications,
               "GetNotice",
               "Show one message to one person",
               {"notice_id"},
               "",
               {"notices show ntc-0a-00112233445566778899aabb"}},
              {"notices retry",
               kNotifications,
               "RetryNotice",
               "Try to hand a failed one over again",
               {"notice_id"},
               "",
               {"notices retry ntc-0a-00112233445566778899aabb"}},
              {"customers erase",
               kErasures,
               "EraseCustomer",
               "Erase a customer's personal data, for good",
               {"customer_id"},
               "",
               {"customers erase c-1002 --dry-run", "customers erase c-1002"}},
              {"customers erasures",
               kErasures,
               "ListErasures",
               "Show how far the erasing of customers has come",
               {},
               "erasures",
               {"customers erasures --customer-id c-1002", "customers erasures --state pending"}},
              {"policies list",
               kPolicies,
               "ListPolicies",
               "List the marketplaces' policies",
               {},
               "policies",
               {"policies list"}},
              {"policies show",
               kPolicies,
               "GetPolicy",
               "Show a marketplace's policy",
               {"marketplace"},
               "",
               {"policies show tmall", "policies show tmall --version 1 --output json"}},
              {"events watch",
               kEvents,
               "Subscribe",
               "Follow what happens in all services, or some",
               {},
               "",
               {"events watch", "events watch claims payments --resume positions.json --output json",
                "events watch --new", "events watch claims --kind claim_approved,claim_rejected"},
               "--output json prints a makegood.events.v1.SubscribeResponse a line, its source added.",
               MakeEventsWatch},
              {"events stuck",
               kEvents,
               "ListStuck",
               "List what could not be done and was given up",
               {"source"},
               "stuck",
               {"events stuck payments"}},
              {"events retry",
               kEvents,
               "RetryStuck",
               "Try one stuck thing again",
               {"source", "stuck_id"},
               "",
               {"events retry payments task-17"}},
              {"events retry-all",
               kEvents,
               "RetryAllStuck",
               "Try all stuck things again, or those of one kind",
               {"source"},
               "",
               {"events retry-all payments", "events retry-all claims --kind apply-event:orders --dry-run"}},
              {"clock show",
               kClock,
               "GetTime",
               "Show the clock of a server with a test clock",
               {},
               "",
               {"clock show"}},
              {"clock advance",
               kClock,
               "AdvanceTime",
               "Move that clock forward; what is due happens",
               {"to_time"},
               "",
               {"clock advance 2026-10-15T00:00:00+08:00"}}});
}

}  // namespace

const std::vector<Command>& Commands() {
  static const auto* const commands = [] {
    auto* const all = new std::vector<Command>;
    AddOrders(*all);
    AddClaims(*all);
    AddPayments(*all);
    AddWork(*all);
    AddIncidents(*all);
    AddDeliveries(*all);
    AddStock(*all);
    AddTheRest(*all);
    AddProfiles(*all);
    AddRules(*all);
    return all;
  }();
  return *commands;
}

const std::vector<Noun>& Nouns() {
  static const auto* const nouns = new std::vector<Noun>{
      {"work", "What waits for people: the day's list, and who does what"},
      {"incidents", "Picks, and trouble with orders before they leave"},
      {"deliveries", "Parcels on their way: couriers, who took it, interception, customs"},
      {"stock", "Merchants' offers: how much there is of what they sell"},
      {"orders", "Orders: take in, ship, deliver, cancel, hold, look at"},
      {"corrections", "Corrections of a DELIVERED set by mistake"},
      {"contacts", "People's details"},
      {"claims", "Claims after delivery: open, decide, make good"},
      {"claims evidence", "Photos and videos of a claim"},
      {"withdrawals", "Withdrawals from a purchase"},
      {"refunds", "Refunds: grant, follow, settle"},
      {"accounts", "What an order's money stands at"},
      {"payments", "Money that came in"},
      {"surcharges", "Extra charges: propose, approve, issue"},
      {"credit-notes", "Merchants' credit notes"},
      {"ledger", "The double-entry ledger"},
      {"documents", "The papers of an order"},
      {"chat", "An order's thread"},
      {"notices", "Messages to people"},
      {"customers", "Customers: erase personal data, see how far it is"},
      {"policies", "The rules of the marketplaces"},
      {"scorecard", "Figures with targets and verdicts"},
      {"events", "What happens, and what got stuck"},
      {"fastcentrik", "A FastCentrik shop: orders out, statuses in, drift"},
      {"profile", "Who calls, said once under a name"},
      {"clock", "The clock of a server started with --test_clock"}};
  return *nouns;
}

const Command* CommandFor(absl::string_view method) {
  for (const Command& command : Commands()) {
    if (command.method == method) return &command;
  }
  return nullptr;
}

std::string InCommands(absl::string_view text) {
  std::string words;
  while (!text.empty()) {
    const auto* const end = std::find_if_not(text.begin(), text.end(), absl::ascii_isalnum);
    const absl::string_view word = text.substr(0, static_cast<size_t>(end - text.begin()));
    const Command* const command = word.empty() ? nullptr : CommandFor(word);
    absl::StrAppend(&words, command == nullptr ? word : command->path);
    text.remove_prefix(word.size());
    if (!text.empty() && !absl::ascii_isalnum(static_cast<unsigned char>(text.front()))) {
      words += text.front();
      text.remove_prefix(1);
    }
  }
  return words;
}

const Command* CommandThatShows(absl::string_view field) {
  for (const Command& command : Commands()) {
    const bool shows = absl::StartsWith(command.method, "Get");
    if (shows && !command.positionals.empty() && command.positionals.front() == field) return &command;
  }
  return nullptr;
}

}  // namespace makegood::ctl
