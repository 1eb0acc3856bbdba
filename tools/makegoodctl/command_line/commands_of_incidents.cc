// Trouble with orders before they leave.
#include "tools/makegoodctl/command_line/commands.h"

namespace makegood::ctl {
namespace {

constexpr char kIncidents[] = "makegood.incidents.v1.IncidentsService";

}  // namespace

void AddIncidents(std::vector<Command>& all) {
  all.insert(
      all.end(),
      {{"incidents pick",
        kIncidents,
        "RecordPick",
        "Tell all that was picked of an order; what differs from it is an incident",
        {"order_id"},
        "",
        {"incidents pick M-1002 --unit line_id=1,quantity=2 --role store_employee --actor e-1 --store m-100",
         "incidents pick M-1002 --unit line_id=1,quantity=1 --restock-time +3d --role store_employee --actor "
         "e-1"
         " --store m-100"}},
       {"incidents report",
        kIncidents,
        "ReportIncident",
        "Nothing of an order can be had, or it is too large or too heavy to be sent",
        {"order_id", "kind"},
        "",
        {"incidents report M-1002 no_stock --role store_manager --actor e-2 --store m-100"}},
       {"incidents list",
        kIncidents,
        "ListIncidents",
        "List incidents, newest or most urgent first",
        {},
        "incidents",
        {"incidents list --most-urgent-first", "incidents list --overdue-only --marketplace mall",
         "incidents list --order-id M-1002"}},
       {"incidents show",
        kIncidents,
        "GetIncident",
        "Show an incident and what may be chosen",
        {"incident_id"},
        "",
        {"incidents show incident-0a-00112233445566778899aabb"}},
       {"incidents choose",
        kIncidents,
        "ChooseOption",
        "Choose what becomes of an incident",
        {"incident_id", "option"},
        "",
        {"incidents choose incident-0a-00112233445566778899aabb credit_missing --role customer --actor "
         "c-1002",
         "incidents choose incident-0a-00112233445566778899aabb cancel_order --customer-word call-4711",
         "incidents choose incident-0a-00112233445566778899aabb another_recipient --recipient-name Ada "
         "--recipient-address-line \"Gul Sok. 3\" --recipient-city Istanbul --role customer --actor c-1002"}},
       {"incidents propose",
        kIncidents,
        "ProposeAlternative",
        "Propose something else for what cannot be had, for no more than that costs",
        {"incident_id", "sku", "quantity"},
        "",
        {"incidents propose incident-0a-00112233445566778899aabb SKU-7 1 --unit-price \"8.00 EUR\" --role "
         "store_manager --actor e-2 --store m-100",
         "incidents propose incident-0a-00112233445566778899aabb SKU-7 1 --in-store --role store_manager "
         "--actor "
         "e-2 --store m-100"}},
       {"incidents answer",
        kIncidents,
        "AnswerSupplierTask",
        "Tell what the supplier answered to what they were asked for",
        {"incident_id", "task", "answer"},
        "",
        {"incidents answer incident-0a-00112233445566778899aabb expedite cannot --role store_manager --actor "
         "e-2 "
         "--store m-100",
         "incidents answer incident-0a-00112233445566778899aabb reorder will_do --expected-time +3d --role "
         "store_manager --actor e-2 --store m-100"}},
       {"incidents close",
        kIncidents,
        "CloseIncident",
        "Say what an incident came from; ends one that nothing else ends",
        {"incident_id", "root_cause"},
        "",
        {"incidents close incident-0a-00112233445566778899aabb supplier",
         "incidents close incident-0a-00112233445566778899aabb other --note \"staff trained\""}},
       {"incidents escalate",
        kIncidents,
        "EscalateIncident",
        "Ask Operations for more attention to an incident",
        {"incident_id"},
        "",
        {"incidents escalate incident-0a-00112233445566778899aabb --role customer --actor c-1002",
         "incidents escalate incident-0a-00112233445566778899aabb --public"}}});
}

}  // namespace makegood::ctl
