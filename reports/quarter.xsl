<?xml version="1.0" encoding="UTF-8"?>
<!--
  The quarterly report: for the CISO and the management. One answer first, then
  what they have to decide, then how it was found.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>
<xsl:include href="say.xsl"/>
<xsl:include href="chart.xsl"/>


<xsl:template match="ev:input" mode="body">
 <xsl:call-template name="cover"/>
 <xsl:call-template name="answer"/>
 <xsl:call-template name="decisions"/>
 <xsl:call-template name="coverage"/>
 <xsl:call-template name="findings"/>
 <xsl:call-template name="reviews"/>
 <xsl:call-template name="exceptions"/>
 <xsl:call-template name="remedies"/>
 <xsl:call-template name="days"/>
 <xsl:call-template name="signatures"/>
 <xsl:call-template name="limits"/>
</xsl:template>

<!-- ==== The first page ==== -->

<xsl:template name="cover">
 <xsl:variable name="m" select="ev:manifest"/>
 <div class="cover">
  <h1><xsl:call-template name="t"><xsl:with-param name="key">quarter.title</xsl:with-param></xsl:call-template></h1>
  <p class="period"><xsl:call-template name="period"/></p>
  <dl class="facts">
   <dt><xsl:call-template name="t"><xsl:with-param name="key">data-time</xsl:with-param></xsl:call-template></dt>
   <dd><xsl:call-template name="date"><xsl:with-param name="at" select="$m/ev:state/@at"/></xsl:call-template></dd>
   <dt><xsl:call-template name="t"><xsl:with-param name="key">checked</xsl:with-param></xsl:call-template></dt>
   <dd><xsl:call-template name="date"><xsl:with-param name="at" select="$m/ev:state/@checked"/></xsl:call-template></dd>
   <dt><xsl:call-template name="t"><xsl:with-param name="key">profile</xsl:with-param></xsl:call-template></dt>
   <dd><xsl:call-template name="text"><xsl:with-param name="value" select="$m/ev:state/@profile"/></xsl:call-template></dd>
   <dt><xsl:call-template name="t"><xsl:with-param name="key">pack</xsl:with-param></xsl:call-template></dt>
   <dd>
    <xsl:value-of select="$m/@sequence"/>
    <xsl:text> · </xsl:text>
    <xsl:call-template name="t"><xsl:with-param name="key" select="concat('packKind.', $m/@kind)"/></xsl:call-template>
    <xsl:text> · </xsl:text>
    <xsl:call-template name="date"><xsl:with-param name="at" select="$m/@made"/></xsl:call-template>
   </dd>
   <dt><xsl:call-template name="t"><xsl:with-param name="key">digest</xsl:with-param></xsl:call-template></dt>
   <dd class="code"><xsl:value-of select="@digest"/></dd>
  </dl>
  <xsl:if test="$m/ev:scope">
   <p class="caution">
    <xsl:call-template name="t"><xsl:with-param name="key">scope</xsl:with-param></xsl:call-template>
    <xsl:for-each select="$m/ev:scope">
     <xsl:text> </xsl:text>
     <xsl:call-template name="t"><xsl:with-param name="key" select="concat('scope.', @what)"/></xsl:call-template>
     <xsl:text> </xsl:text>
     <xsl:call-template name="text"><xsl:with-param name="value" select="@value"/></xsl:call-template>
     <xsl:if test="position() != last()">;</xsl:if>
    </xsl:for-each>
   </p>
  </xsl:if>
 </div>
</xsl:template>

<xsl:template name="answer">
 <section>
  <h2 id="answer"><xsl:call-template name="t"><xsl:with-param name="key">answer.title</xsl:with-param></xsl:call-template></h2>
  <p class="answer"><xsl:call-template name="say"><xsl:with-param name="key">answer</xsl:with-param></xsl:call-template></p>
  <dl class="figures">
   <xsl:call-template name="key-figure"><xsl:with-param name="key">figure.accounts</xsl:with-param><xsl:with-param name="tally">accounts-core</xsl:with-param></xsl:call-template>
   <xsl:call-template name="key-figure"><xsl:with-param name="key">figure.privileged</xsl:with-param><xsl:with-param name="tally">accounts-core</xsl:with-param><xsl:with-param name="c">true</xsl:with-param></xsl:call-template>
   <xsl:call-template name="key-figure"><xsl:with-param name="key">figure.open</xsl:with-param><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a">open</xsl:with-param></xsl:call-template>
   <xsl:call-template name="key-figure"><xsl:with-param name="key">figure.overdue</xsl:with-param><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a">overdue</xsl:with-param></xsl:call-template>
   <xsl:call-template name="key-figure"><xsl:with-param name="key">figure.excepted</xsl:with-param><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a">excepted</xsl:with-param></xsl:call-template>
   <xsl:call-template name="key-figure"><xsl:with-param name="key">figure.closed</xsl:with-param><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a">closed</xsl:with-param></xsl:call-template>
   <xsl:call-template name="key-figure"><xsl:with-param name="key">figure.remedy-overdue</xsl:with-param><xsl:with-param name="tally">remedies-overdue</xsl:with-param><xsl:with-param name="a">true</xsl:with-param></xsl:call-template>
   <xsl:call-template name="key-figure"><xsl:with-param name="key">figure.daily-missing</xsl:with-param><xsl:with-param name="tally">daily</xsl:with-param><xsl:with-param name="a">missing</xsl:with-param></xsl:call-template>
  </dl>
 </section>
</xsl:template>

<!-- The figures that sentences have. -->
<xsl:template match="ev:input" mode="slot">
 <xsl:param name="name"/>
 <xsl:choose>
  <xsl:when test="$name = 'accounts'"><xsl:call-template name="figure"><xsl:with-param name="tally">accounts-core</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'items'"><xsl:call-template name="figure"><xsl:with-param name="tally">campaigns-items</xsl:with-param><xsl:with-param name="what">sum</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'decided'"><xsl:call-template name="figure"><xsl:with-param name="tally">campaigns-decided</xsl:with-param><xsl:with-param name="what">sum</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'undecided'"><xsl:call-template name="figure"><xsl:with-param name="tally">items</xsl:with-param><xsl:with-param name="b" select="''"/></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'disabled'"><xsl:call-template name="figure"><xsl:with-param name="tally">items</xsl:with-param><xsl:with-param name="b">disable</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'exceptions'"><xsl:call-template name="figure"><xsl:with-param name="tally">exceptions</xsl:with-param><xsl:with-param name="a">counts</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'uncovered'"><xsl:call-template name="figure"><xsl:with-param name="tally">coverage</xsl:with-param><xsl:with-param name="a">false</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'critical'"><xsl:call-template name="figure"><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a">overdue</xsl:with-param><xsl:with-param name="b">critical</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'overdue'"><xsl:call-template name="figure"><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a">overdue</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'unregistered'"><xsl:call-template name="figure"><xsl:with-param name="tally">privileges</xsl:with-param><xsl:with-param name="a">false</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'remedies'"><xsl:call-template name="figure"><xsl:with-param name="tally">remedies-overdue</xsl:with-param><xsl:with-param name="a">true</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'missing'"><xsl:call-template name="figure"><xsl:with-param name="tally">daily</xsl:with-param><xsl:with-param name="a">missing</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'rubber'"><xsl:call-template name="figure"><xsl:with-param name="tally">reviewers</xsl:with-param><xsl:with-param name="b">true</xsl:with-param></xsl:call-template></xsl:when>
  <xsl:when test="$name = 'places'"><xsl:value-of select="ev:manifest/ev:coverage/@places"/></xsl:when>
  <xsl:when test="$name = 'covered'"><xsl:value-of select="ev:manifest/ev:coverage/@covered"/></xsl:when>
 </xsl:choose>
</xsl:template>

<!-- ==== What needs a decision ==== -->

<xsl:template name="decide">
 <xsl:param name="tally"/>
 <xsl:param name="a" select="'*'"/>
 <xsl:param name="b" select="'*'"/>
 <xsl:param name="key"/>
 <xsl:if test="key('tally', $tally)/ev:cell[($a = '*' or @a = $a) and ($b = '*' or @b = $b)]/@count &gt; 0">
  <li><xsl:call-template name="say"><xsl:with-param name="key" select="$key"/></xsl:call-template></li>
 </xsl:if>
</xsl:template>

<xsl:template name="decisions">
 <xsl:variable name="list">
  <xsl:call-template name="decide"><xsl:with-param name="tally">coverage</xsl:with-param><xsl:with-param name="a">false</xsl:with-param><xsl:with-param name="key">decide.uncovered</xsl:with-param></xsl:call-template>
  <xsl:call-template name="decide"><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a">overdue</xsl:with-param><xsl:with-param name="b">critical</xsl:with-param><xsl:with-param name="key">decide.critical</xsl:with-param></xsl:call-template>
  <xsl:call-template name="decide"><xsl:with-param name="tally">privileges</xsl:with-param><xsl:with-param name="a">false</xsl:with-param><xsl:with-param name="key">decide.unregistered</xsl:with-param></xsl:call-template>
  <xsl:call-template name="decide"><xsl:with-param name="tally">items</xsl:with-param><xsl:with-param name="b" select="''"/><xsl:with-param name="key">decide.undecided</xsl:with-param></xsl:call-template>
  <xsl:call-template name="decide"><xsl:with-param name="tally">remedies-overdue</xsl:with-param><xsl:with-param name="a">true</xsl:with-param><xsl:with-param name="key">decide.remedies</xsl:with-param></xsl:call-template>
  <xsl:call-template name="decide"><xsl:with-param name="tally">daily</xsl:with-param><xsl:with-param name="a">missing</xsl:with-param><xsl:with-param name="key">decide.missing</xsl:with-param></xsl:call-template>
  <xsl:call-template name="decide"><xsl:with-param name="tally">reviewers</xsl:with-param><xsl:with-param name="b">true</xsl:with-param><xsl:with-param name="key">decide.rubber</xsl:with-param></xsl:call-template>
 </xsl:variable>
 <section>
  <h2 id="decide"><xsl:call-template name="t"><xsl:with-param name="key">decide.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="string($list) = ''"><xsl:call-template name="nothing"><xsl:with-param name="key">decide.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise><ol class="decide"><xsl:copy-of select="$list"/></ol></xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<!-- ==== Coverage ==== -->

<xsl:template name="coverage">
 <xsl:variable name="rows" select="ev:rows[@class = 'coverage']"/>
 <xsl:variable name="missing" select="$rows/ev:coverage[@complete = 'false']"/>
 <section>
  <h2 id="coverage"><xsl:call-template name="t"><xsl:with-param name="key">coverage.title</xsl:with-param></xsl:call-template></h2>
  <p><xsl:call-template name="say"><xsl:with-param name="key">coverage</xsl:with-param></xsl:call-template></p>
  <h3><xsl:call-template name="t"><xsl:with-param name="key">coverage.not</xsl:with-param></xsl:call-template></h3>
  <xsl:choose>
   <xsl:when test="ev:manifest/ev:coverage/@places = 0"><xsl:call-template name="nothing"><xsl:with-param name="key">coverage.nothing</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:when test="not($missing)"><xsl:call-template name="nothing"><xsl:with-param name="key">coverage.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="coverage">
     <table>
      <thead><tr><xsl:call-template name="heads"><xsl:with-param name="class">coverage</xsl:with-param><xsl:with-param name="columns">source host core at reason</xsl:with-param></xsl:call-template></tr></thead>
      <tbody>
       <xsl:for-each select="$missing[position() &lt;= 200]">
        <tr>
         <td><xsl:call-template name="source"/></td>
         <td><xsl:call-template name="text"><xsl:with-param name="value" select="@host"/></xsl:call-template></td>
         <td><xsl:call-template name="flag"><xsl:with-param name="value" select="@core"/></xsl:call-template></td>
         <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@at"/></xsl:call-template></td>
         <td class="long"><xsl:call-template name="reason"/></td>
        </tr>
       </xsl:for-each>
      </tbody>
     </table>
    </div>
    <xsl:call-template name="first-of"><xsl:with-param name="rows" select="$missing"/><xsl:with-param name="limit" select="200"/></xsl:call-template>
    <xsl:call-template name="fewer"><xsl:with-param name="rows" select="$rows"/></xsl:call-template>
   </xsl:otherwise>
  </xsl:choose>
  <xsl:for-each select="ev:manifest/ev:class[@withheld != '']">
   <p class="caution">
    <xsl:call-template name="title"><xsl:with-param name="class" select="@name"/></xsl:call-template>
    <xsl:call-template name="t"><xsl:with-param name="key">colon</xsl:with-param></xsl:call-template>
    <xsl:call-template name="t"><xsl:with-param name="key">withheld</xsl:with-param></xsl:call-template>
    <xsl:text> </xsl:text>
    <xsl:call-template name="text"><xsl:with-param name="value" select="@withheld"/></xsl:call-template>
   </p>
  </xsl:for-each>
 </section>
</xsl:template>

<!-- ==== Findings ==== -->

<xsl:template name="findings">
 <xsl:variable name="rules" select="ev:rows[@class = 'rule']/ev:rule"/>
 <section>
  <h2 id="findings"><xsl:call-template name="t"><xsl:with-param name="key">findings.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not(key('tally', 'findings')/@count &gt; 0)">
    <xsl:call-template name="nothing"><xsl:with-param name="key">findings.none</xsl:with-param></xsl:call-template>
   </xsl:when>
   <xsl:otherwise>
    <h3><xsl:call-template name="t"><xsl:with-param name="key">findings.severity</xsl:with-param></xsl:call-template></h3>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="findings">
     <table>
      <thead>
       <tr>
        <xsl:call-template name="head"><xsl:with-param name="class">finding</xsl:with-param><xsl:with-param name="column">severity</xsl:with-param></xsl:call-template>
        <xsl:call-template name="word-head"><xsl:with-param name="key">findingStatus.open</xsl:with-param></xsl:call-template>
        <xsl:call-template name="word-head"><xsl:with-param name="key">findingStatus.overdue</xsl:with-param></xsl:call-template>
        <xsl:call-template name="word-head"><xsl:with-param name="key">findingStatus.excepted</xsl:with-param></xsl:call-template>
        <xsl:call-template name="word-head"><xsl:with-param name="key">findingStatus.closed</xsl:with-param></xsl:call-template>
       </tr>
      </thead>
      <tbody>
       <xsl:call-template name="severity-row"><xsl:with-param name="severity">critical</xsl:with-param></xsl:call-template>
       <xsl:call-template name="severity-row"><xsl:with-param name="severity">high</xsl:with-param></xsl:call-template>
       <xsl:call-template name="severity-row"><xsl:with-param name="severity">medium</xsl:with-param></xsl:call-template>
       <xsl:call-template name="severity-row"><xsl:with-param name="severity">low</xsl:with-param></xsl:call-template>
       <xsl:call-template name="severity-row"><xsl:with-param name="severity">info</xsl:with-param></xsl:call-template>
      </tbody>
     </table>
    </div>
   </xsl:otherwise>
  </xsl:choose>
  <h3 id="rules"><xsl:call-template name="t"><xsl:with-param name="key">findings.rules</xsl:with-param></xsl:call-template></h3>
  <xsl:choose>
   <xsl:when test="not($rules[@hits &gt; 0 or @unknowns &gt; 0 or @error != ''])"><xsl:call-template name="nothing"><xsl:with-param name="key">findings.rules.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <p class="note"><xsl:call-template name="t"><xsl:with-param name="key">findings.rules.what</xsl:with-param></xsl:call-template></p>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="rules">
     <table>
      <thead>
       <tr>
        <xsl:call-template name="heads"><xsl:with-param name="class">rule</xsl:with-param><xsl:with-param name="columns">id title severity population hits unknowns excepted</xsl:with-param></xsl:call-template>
        <xsl:call-template name="word-head"><xsl:with-param name="key">change</xsl:with-param></xsl:call-template>
       </tr>
      </thead>
      <tbody>
       <xsl:for-each select="$rules[@hits &gt; 0 or @unknowns &gt; 0 or @error != '']">
        <xsl:sort select="(@severity = 'critical') * 5 + (@severity = 'high') * 4 + (@severity = 'medium') * 3 + (@severity = 'low') * 2" data-type="number" order="descending"/>
        <xsl:sort select="@hits" data-type="number" order="descending"/>
        <tr>
         <th scope="row" class="short"><xsl:value-of select="@id"/></th>
         <td class="long">
          <xsl:call-template name="either"><xsl:with-param name="english" select="@title"/><xsl:with-param name="chinese" select="@titleZh"/></xsl:call-template>
          <xsl:if test="@error != ''"><br/><span class="mark incomplete"><xsl:call-template name="text"><xsl:with-param name="value" select="@error"/></xsl:call-template></span></xsl:if>
         </td>
         <td><xsl:call-template name="mark"><xsl:with-param name="kind">severity</xsl:with-param><xsl:with-param name="value" select="@severity"/></xsl:call-template></td>
         <td class="number"><xsl:value-of select="format-number(@population, '#,##0')"/></td>
         <td class="number"><xsl:value-of select="format-number(@hits, '#,##0')"/></td>
         <td class="number"><xsl:value-of select="format-number(@unknowns, '#,##0')"/></td>
         <td class="number"><xsl:value-of select="format-number(@excepted, '#,##0')"/></td>
         <td class="number"><xsl:call-template name="rule-change"/></td>
        </tr>
       </xsl:for-each>
      </tbody>
     </table>
    </div>
   </xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<xsl:template name="severity-row">
 <xsl:param name="severity"/>
 <tr>
  <th scope="row"><xsl:call-template name="mark"><xsl:with-param name="kind">severity</xsl:with-param><xsl:with-param name="value" select="$severity"/></xsl:call-template></th>
  <td class="number"><xsl:call-template name="figure"><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a">open</xsl:with-param><xsl:with-param name="b" select="$severity"/></xsl:call-template></td>
  <td class="number"><xsl:call-template name="figure"><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a">overdue</xsl:with-param><xsl:with-param name="b" select="$severity"/></xsl:call-template></td>
  <td class="number"><xsl:call-template name="figure"><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a">excepted</xsl:with-param><xsl:with-param name="b" select="$severity"/></xsl:call-template></td>
  <td class="number"><xsl:call-template name="figure"><xsl:with-param name="tally">findings</xsl:with-param><xsl:with-param name="a">closed</xsl:with-param><xsl:with-param name="b" select="$severity"/></xsl:call-template></td>
 </tr>
</xsl:template>

<!-- Of a rule: its newest quarter beside the one before. -->
<xsl:template name="rule-change">
 <xsl:variable name="rule" select="@id"/>
 <xsl:choose>
  <xsl:when test="not(key('trend-of-rule', $rule))"><span class="none">–</span></xsl:when>
  <xsl:otherwise>
   <xsl:for-each select="key('trend-of-rule', $rule)">
    <xsl:sort select="@ends" order="descending"/>
    <xsl:if test="position() = 1"><xsl:call-template name="trend-change"/></xsl:if>
   </xsl:for-each>
  </xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- ==== Reviews ==== -->

<xsl:template name="reviews">
 <xsl:variable name="rows" select="ev:rows[@class = 'campaign']"/>
 <section>
  <h2 id="reviews"><xsl:call-template name="t"><xsl:with-param name="key">reviews.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($rows/ev:campaign)"><xsl:call-template name="nothing"><xsl:with-param name="key">reviews.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="reviews">
     <table>
      <thead><tr><xsl:call-template name="heads"><xsl:with-param name="class">campaign</xsl:with-param><xsl:with-param name="columns">name due ended how accounts excluded items decided waiting</xsl:with-param></xsl:call-template></tr></thead>
      <tbody>
       <xsl:for-each select="$rows/ev:campaign">
        <tr>
         <th scope="row"><xsl:call-template name="text"><xsl:with-param name="value" select="@name"/></xsl:call-template></th>
         <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@due"/></xsl:call-template></td>
         <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@ended"/></xsl:call-template></td>
         <td><xsl:call-template name="value"><xsl:with-param name="class">campaign</xsl:with-param><xsl:with-param name="column">how</xsl:with-param><xsl:with-param name="value" select="@how"/></xsl:call-template></td>
         <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@accounts"/></xsl:call-template></td>
         <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@excluded"/></xsl:call-template></td>
         <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@items"/></xsl:call-template></td>
         <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@decided"/></xsl:call-template></td>
         <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@waiting"/></xsl:call-template></td>
        </tr>
       </xsl:for-each>
      </tbody>
     </table>
    </div>
   </xsl:otherwise>
  </xsl:choose>
  <xsl:if test="key('tally', 'items')/@count &gt; 0">
   <h3><xsl:call-template name="t"><xsl:with-param name="key">reviews.decisions</xsl:with-param></xsl:call-template></h3>
   <dl class="figures">
    <xsl:call-template name="decided"><xsl:with-param name="decision">keep</xsl:with-param></xsl:call-template>
    <xsl:call-template name="decided"><xsl:with-param name="decision">modify</xsl:with-param></xsl:call-template>
    <xsl:call-template name="decided"><xsl:with-param name="decision">revoke</xsl:with-param></xsl:call-template>
    <xsl:call-template name="decided"><xsl:with-param name="decision">disable</xsl:with-param></xsl:call-template>
    <xsl:call-template name="decided"><xsl:with-param name="decision">delete</xsl:with-param></xsl:call-template>
    <xsl:call-template name="decided"><xsl:with-param name="decision">exception</xsl:with-param></xsl:call-template>
    <xsl:call-template name="decided"><xsl:with-param name="decision">not-mine</xsl:with-param></xsl:call-template>
    <xsl:call-template name="key-figure"><xsl:with-param name="key">decision.none</xsl:with-param><xsl:with-param name="tally">items</xsl:with-param><xsl:with-param name="b" select="''"/></xsl:call-template>
   </dl>
  </xsl:if>
 </section>
</xsl:template>

<xsl:template name="decided">
 <xsl:param name="decision"/>
 <xsl:call-template name="key-figure">
  <xsl:with-param name="key" select="concat('decision.', $decision)"/>
  <xsl:with-param name="tally">items</xsl:with-param>
  <xsl:with-param name="b" select="$decision"/>
 </xsl:call-template>
</xsl:template>

<!-- ==== Exceptions, remedies, days ==== -->

<xsl:template name="exceptions">
 <xsl:variable name="rows" select="ev:rows[@class = 'exception']"/>
 <section>
  <h2 id="exceptions"><xsl:call-template name="t"><xsl:with-param name="key">exceptions.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($rows/ev:exception)"><xsl:call-template name="nothing"><xsl:with-param name="key">exceptions.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <dl class="figures"><xsl:call-template name="tally-figures"><xsl:with-param name="tally">exceptions</xsl:with-param><xsl:with-param name="kind">exception.status</xsl:with-param></xsl:call-template></dl>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="exceptions">
     <table>
      <thead><tr><xsl:call-template name="heads"><xsl:with-param name="class">exception</xsl:with-param><xsl:with-param name="columns">account rule reason compensation owner ends status</xsl:with-param></xsl:call-template></tr></thead>
      <tbody>
       <xsl:for-each select="$rows/ev:exception">
        <xsl:sort select="@ends"/>
        <xsl:if test="position() &lt;= 100">
         <tr>
          <th scope="row"><xsl:call-template name="account"/></th>
          <td class="short"><xsl:call-template name="text"><xsl:with-param name="value" select="@rule"/></xsl:call-template></td>
          <td class="long"><xsl:call-template name="text"><xsl:with-param name="value" select="@reason"/></xsl:call-template></td>
          <td class="long"><xsl:call-template name="text"><xsl:with-param name="value" select="@compensation"/></xsl:call-template></td>
          <td><xsl:call-template name="text"><xsl:with-param name="value" select="@owner"/></xsl:call-template></td>
          <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@ends"/></xsl:call-template></td>
          <td><xsl:call-template name="t"><xsl:with-param name="key" select="concat('exception.status.', @status)"/></xsl:call-template></td>
         </tr>
        </xsl:if>
       </xsl:for-each>
      </tbody>
     </table>
    </div>
    <xsl:call-template name="first-of"><xsl:with-param name="rows" select="$rows/ev:exception"/><xsl:with-param name="limit" select="100"/></xsl:call-template>
    <xsl:call-template name="fewer"><xsl:with-param name="rows" select="$rows"/></xsl:call-template>
   </xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<xsl:template name="remedies">
 <section>
  <h2 id="remedies"><xsl:call-template name="t"><xsl:with-param name="key">remedies.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not(key('tally', 'remedies')/@count &gt; 0)"><xsl:call-template name="nothing"><xsl:with-param name="key">remedies.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <p><xsl:call-template name="t"><xsl:with-param name="key">remedies.what</xsl:with-param></xsl:call-template></p>
    <dl class="figures"><xsl:call-template name="tally-figures"><xsl:with-param name="tally">remedies</xsl:with-param><xsl:with-param name="kind">remedy.status</xsl:with-param></xsl:call-template></dl>
   </xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<xsl:template name="days">
 <section>
  <h2 id="days"><xsl:call-template name="t"><xsl:with-param name="key">days.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not(key('tally', 'daily')/@count &gt; 0)"><xsl:call-template name="nothing"><xsl:with-param name="key">days.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <p><xsl:call-template name="t"><xsl:with-param name="key">days.what</xsl:with-param></xsl:call-template></p>
    <dl class="figures"><xsl:call-template name="tally-figures"><xsl:with-param name="tally">daily</xsl:with-param><xsl:with-param name="kind">dailyMark</xsl:with-param></xsl:call-template></dl>
   </xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<!-- ==== Signatures, and what the data can't say ==== -->

<xsl:template name="signatures">
 <xsl:variable name="signers" select="ev:manifest/ev:signer"/>
 <section>
  <h2 id="signatures"><xsl:call-template name="t"><xsl:with-param name="key">signatures.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($signers)"><xsl:call-template name="nothing"><xsl:with-param name="key">signatures.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <p><xsl:call-template name="t"><xsl:with-param name="key">signatures.what</xsl:with-param></xsl:call-template></p>
    <ul class="signatures">
     <xsl:for-each select="$signers">
      <li>
       <span class="space"/>
       <strong><xsl:call-template name="text"><xsl:with-param name="value" select="@name"/></xsl:call-template></strong>
       <span class="quiet"><xsl:text> · </xsl:text><xsl:call-template name="t"><xsl:with-param name="key">signatures.date</xsl:with-param></xsl:call-template></span>
       <xsl:if test="@certificate"><br/><span class="code quiet">SHA-256 <xsl:value-of select="@certificate"/></span></xsl:if>
      </li>
     </xsl:for-each>
    </ul>
   </xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<xsl:template name="limits">
 <xsl:variable name="m" select="ev:manifest"/>
 <section>
  <h2 id="limits"><xsl:call-template name="t"><xsl:with-param name="key">limits.title</xsl:with-param></xsl:call-template></h2>
  <ul>
   <xsl:if test="$m/@rehearsal = 'true'"><li><strong><xsl:call-template name="t"><xsl:with-param name="key">limits.rehearsal</xsl:with-param></xsl:call-template></strong></li></xsl:if>
   <li><xsl:call-template name="t"><xsl:with-param name="key">limits.state</xsl:with-param></xsl:call-template></li>
   <li><xsl:call-template name="t"><xsl:with-param name="key">limits.use</xsl:with-param></xsl:call-template></li>
   <li><xsl:call-template name="t"><xsl:with-param name="key">limits.customers</xsl:with-param></xsl:call-template></li>
   <li><xsl:call-template name="t"><xsl:with-param name="key">limits.rules</xsl:with-param></xsl:call-template></li>
   <xsl:if test="ev:summary/ev:tally[@truncated = 'true']"><li><xsl:call-template name="t"><xsl:with-param name="key">limits.truncated</xsl:with-param></xsl:call-template></li></xsl:if>
  </ul>
  <xsl:if test="$m/ev:retention">
   <h3 id="retention"><xsl:call-template name="t"><xsl:with-param name="key">retention.title</xsl:with-param></xsl:call-template></h3>
   <div class="scroll" tabindex="0" role="region" aria-labelledby="retention">
    <table>
     <thead>
      <tr>
       <th scope="col"><xsl:call-template name="t"><xsl:with-param name="key">retention.kind</xsl:with-param></xsl:call-template></th>
       <xsl:call-template name="word-head"><xsl:with-param name="key">retention.months</xsl:with-param></xsl:call-template>
       <th scope="col"><xsl:call-template name="t"><xsl:with-param name="key">retention.oldest</xsl:with-param></xsl:call-template></th>
       <th scope="col"><xsl:call-template name="t"><xsl:with-param name="key">retention.purged</xsl:with-param></xsl:call-template></th>
      </tr>
     </thead>
     <tbody>
      <xsl:for-each select="$m/ev:retention">
       <tr>
        <th scope="row"><xsl:call-template name="word-or"><xsl:with-param name="key" select="concat('retention.kind.', @kind)"/><xsl:with-param name="text" select="@kind"/></xsl:call-template></th>
        <td class="number"><xsl:value-of select="@months"/></td>
        <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@oldest"/></xsl:call-template></td>
        <td class="date">
         <xsl:choose>
          <xsl:when test="@purged"><xsl:call-template name="date"><xsl:with-param name="at" select="@purged"/></xsl:call-template></xsl:when>
          <xsl:otherwise><xsl:call-template name="t"><xsl:with-param name="key">retention.none</xsl:with-param></xsl:call-template></xsl:otherwise>
         </xsl:choose>
        </td>
       </tr>
      </xsl:for-each>
     </tbody>
    </table>
   </div>
  </xsl:if>
 </section>
</xsl:template>
</xsl:stylesheet>
