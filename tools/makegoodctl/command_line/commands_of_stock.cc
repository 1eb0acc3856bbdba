// What merchants offer, and how much of it there is.
#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/stock_file.h"

namespace makegood::ctl {
namespace {

constexpr char kStores[] = "makegood.stores.v1.StoresService";

}  // namespace

void AddStock(std::vector<Command>& all) {
  all.insert(
      all.end(),
      {{"stock set",
        kStores,
        "SetStock",
        "Tell how much there is of some products, or confirm it",
        {},
        "",
        {"stock set --merchant-id m-100 --marketplace mall --item sku=KETTLE,stock=5 --role store_employee"
         " --actor e-1 --store m-100",
         "stock set --merchant-id m-100 --marketplace mall --item sku=KETTLE,stock=80,low_threshold=10"
         " --item sku=TOWEL,policy_thresholds=true --role connector --actor shop-1 --store m-100 --dry-run"}},
       {"stock import",
        kStores,
        "SetStock",
        "Tell how much there is of all products in a CSV file",
        {},
        "",
        {"stock import stock.csv --marketplace mall --role store_manager --actor e-2 --store m-100",
         "stock import stock.csv --marketplace mall --merchant-id m-100 --role service --dry-run"},
        "--output json prints a makegood.stores.v1.StockChange a line, --output text its values.",
        MakeStockImport},
       {"stock list",
        kStores,
        "ListOffers",
        "List offers with what there is of them, newest first",
        {},
        "offers",
        {"stock list --merchant-id m-100 --all", "stock list --state delisted",
         "stock list --stale-only --role store_employee --actor e-1 --store m-100", "stock list --low-only"}},
       {"stock show",
        kStores,
        "GetOffer",
        "Show an offer and what can be done with it",
        {"sku"},
        "",
        {"stock show KETTLE --merchant-id m-100"}},
       {"stock delist",
        kStores,
        "DelistOffer",
        "Take an offer off, whatever stock it has",
        {"sku"},
        "",
        {"stock delist KETTLE --merchant-id m-100 --role store_manager --actor e-2 --store m-100"}},
       {"stock relist",
        kStores,
        "RelistOffer",
        "Put back an offer that a person has taken off",
        {"sku"},
        "",
        {"stock relist KETTLE --merchant-id m-100 --role store_manager --actor e-2 --store m-100"}}});
}

}  // namespace makegood::ctl
