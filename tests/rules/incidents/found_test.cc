// What somebody finds on the shelf, or does not, and says of the stock by that (AVL-02).
#include "makegood/base/v1/reservation.pb.h"
#include "tests/rules/incidents/incident_fixture.h"

namespace makegood::rules {
namespace {

class FoundTest : public Incidents {
 protected:
  // What the merchant's part was told since it was told last: "OPEN sku-1 3/2 sku-2 2/2 gone".
  std::vector<std::string> Told() {
    std::vector<std::string> told;
    for (const Task& task : desk_.Tasks(kTellStock)) {
      base::v1::Post post;
      stores::v1::StockStatement statement;
      EXPECT_TRUE(post.ParseFromString(task.payload) && statement.ParseFromString(post.message()));
      std::string& words = told.emplace_back(EnumWord(statement.standing()));
      for (const auto& units : statement.units()) {
        absl::StrAppend(&words, " ", units.sku(), " ", units.wanted(), "/", units.picked());
      }
      if (statement.rest_is_gone()) absl::StrAppend(&words, " gone");
    }
    Follow();
    return told;
  }
};

TEST_F(FoundTest, AVL_02_APickThatFoundTooLittleSaysThatTheRestIsGoneEachTime) {
  OrderOn("mall");
  ASSERT_THAT(Pick({{"l-1", 2}, {"l-2", 2}}), IsOk());
  EXPECT_THAT(Told(), ElementsAre("OPEN sku-1 3/2 sku-2 2/2 gone"));
  ASSERT_THAT(Pick({{"l-1", 2}, {"l-2", 2}}), IsOk());
  EXPECT_THAT(Told(), ElementsAre("OPEN sku-1 3/2 sku-2 2/2 gone")) << "somebody has looked again";
  ASSERT_THAT(Pick({}), IsOk());
  EXPECT_THAT(Told(), ElementsAre("OPEN sku-1 3/0 sku-2 2/0 gone"));
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_THAT(Told(), ElementsAre("OPEN sku-1 3/3 sku-2 2/2"));
}

TEST_F(FoundTest, AVL_02_APickOfSomethingElseDoesNotSayThatThereIsNone) {
  OrderOn("mall");
  ASSERT_THAT(PickWrong(), IsOk());
  EXPECT_THAT(Told(), ElementsAre("OPEN sku-1 3/3 sku-2 2/0"));
}

TEST_F(FoundTest, AVL_02_AVL_04_AReportOfNoStockDoesWhateverBecomesOfTheOrder) {
  OrderOn("mall");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_NO_STOCK), IsOk());
  EXPECT_THAT(Told(), ElementsAre("CALLED_OFF sku-1 3/0 sku-2 2/0 gone"));
  OrderOn("default");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_NO_STOCK), IsOk());
  EXPECT_THAT(Told(), ElementsAre("OPEN sku-1 3/0 sku-2 2/0 gone"));
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_NO_STOCK), IsOk());
  EXPECT_THAT(Told(), IsEmpty()) << "that is known";
  OrderOn("default");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_OVERSIZE), IsOk());
  EXPECT_THAT(Told(), IsEmpty()) << "it is there, and too large";
}

TEST_F(FoundTest, AVL_02_AVL_07_ASupplierWhoCannotSendItSaysSoOfTheStock) {
  OrderOn("default");
  RunTimersUntil(promised_ + absl::Hours(48));
  incidents::v1::AnswerSupplierTaskRequest request;
  request.set_incident_id(TheIncident().incident_id());
  request.set_task(base::v1::SUPPLIER_TASK_KIND_EXPEDITE);
  request.set_answer(base::v1::SUPPLIER_ANSWER_CANNOT);
  ASSERT_THAT(desk_.As(Employee()).Decide(AnswerSupplierTask, request), IsOk());
  EXPECT_THAT(Told(), ElementsAre("OPEN sku-1 3/0 sku-2 2/0 gone"));
}

}  // namespace
}  // namespace makegood::rules
