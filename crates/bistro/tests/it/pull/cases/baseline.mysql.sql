CREATE TABLE `Category` (`CategoryId` INT NOT NULL AUTO_INCREMENT PRIMARY KEY, `Name` VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE `Product` (`ProductId` INT PRIMARY KEY, `Product Name` VARCHAR(80) NOT NULL, `Stock` INT NOT NULL DEFAULT 0 CHECK (`Stock` >= 0), `Weight` DOUBLE,
  `Status` ENUM('planned', 'sold') NOT NULL DEFAULT 'planned', `Code` CHAR(5) NOT NULL DEFAULT 'ABCDE', `Price` DECIMAL(10,2), `Added` DATETIME, `Where` POINT,
  `CategoryId` INT, CONSTRAINT fk_category FOREIGN KEY (`CategoryId`) REFERENCES `Category` (`CategoryId`) ON DELETE SET NULL, INDEX by_status (`Status`, `Stock`), UNIQUE one_name (`Product Name`, `CategoryId`));
CREATE TABLE `Note` (`Product` INT NOT NULL, `Line` INT NOT NULL, `Text` VARCHAR(200), PRIMARY KEY (`Product`, `Line`), CONSTRAINT fk_note FOREIGN KEY (`Product`) REFERENCES `Product` (`ProductId`) ON DELETE CASCADE);
INSERT INTO `Category` (`Name`) VALUES ('Tea'), ('Coffee');
INSERT INTO `Product` (`ProductId`, `Product Name`, `Stock`, `Weight`, `Status`, `CategoryId`, `Added`) VALUES (1, 'Assam', 3, 0.5, 'sold', 1, '2024-02-01 10:00:00'), (2, 'Mocha', 0, NULL, 'planned', 2, NULL);
INSERT INTO `Note` VALUES (1, 1, 'malty');
