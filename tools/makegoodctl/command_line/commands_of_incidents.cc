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
         "incidents choose incident-0a-00112233445566778899aabb cancel_order --customer-word call-4711"}}});
}

}  // namespace makegood::ctl
