<?xml version="1.0" encoding="UTF-8"?>
<!--
  Risk status and risk trend: 風險現況、風險趨勢分析. Points and blocks are the
  house's own scoring, and say so; trends compare like with like only.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>
<xsl:include href="say.xsl"/>
<xsl:include href="chart.xsl"/>

<xsl:template match="ev:input" mode="body">
 <h1><xsl:call-template name="t"><xsl:with-param name="key">dashboard.title</xsl:with-param></xsl:call-template></h1>
 <p class="about"><xsl:call-template name="period"/></p>
 <xsl:call-template name="status"/>
 <xsl:call-template name="flow"/>
 <xsl:call-template name="types"/>
</xsl:template>

<!-- ==== Risk status ==== -->

<xsl:template name="status">
 <xsl:variable name="rows" select="ev:rows[@class = 'risk']"/>
 <section>
  <h2 id="status"><xsl:call-template name="t"><xsl:with-param name="key">risk.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($rows/ev:risk)"><xsl:call-template name="nothing"><xsl:with-param name="key">risk.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <p class="caution">
     <strong><xsl:call-template name="t"><xsl:with-param name="key">risk.house</xsl:with-param></xsl:call-template></strong>
     <xsl:text> </xsl:text>
     <xsl:call-template name="t"><xsl:with-param name="key">risk.formula</xsl:with-param></xsl:call-template>
     <xsl:text> </xsl:text>
     <span class="code"><xsl:value-of select="$rows/ev:risk/@formula"/></span>
     <br/>
     <xsl:call-template name="word-or"><xsl:with-param name="key" select="concat('formula.', $rows/ev:risk/@formula)"/></xsl:call-template>
    </p>
    <figure>
     <xsl:call-template name="risk-chart">
      <xsl:with-param name="class">broad</xsl:with-param>
      <xsl:with-param name="width" select="760"/><xsl:with-param name="height" select="440"/>
      <xsl:with-param name="labels" select="210"/>
     </xsl:call-template>
     <xsl:call-template name="risk-chart">
      <xsl:with-param name="class">narrow</xsl:with-param>
      <xsl:with-param name="width" select="340"/><xsl:with-param name="height" select="400"/>
      <xsl:with-param name="labels" select="42"/>
      <xsl:with-param name="named" select="false()"/>
     </xsl:call-template>
     <figcaption><xsl:call-template name="t"><xsl:with-param name="key">risk.caption</xsl:with-param></xsl:call-template></figcaption>
    </figure>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="status">
     <table>
      <thead>
       <tr>
        <th scope="col" class="number"><xsl:call-template name="t"><xsl:with-param name="key">number</xsl:with-param></xsl:call-template></th>
        <xsl:call-template name="heads"><xsl:with-param name="class">risk</xsl:with-param><xsl:with-param name="columns">area block exposure points accounts findings</xsl:with-param></xsl:call-template>
       </tr>
      </thead>
      <tbody>
       <xsl:for-each select="$rows/ev:risk">
        <xsl:sort select="@points" data-type="number" order="descending"/>
        <tr>
         <td class="number"><xsl:value-of select="position()"/></td>
         <th scope="row" class="long"><xsl:call-template name="area"/></th>
         <td><xsl:call-template name="mark"><xsl:with-param name="kind">riskBlock</xsl:with-param><xsl:with-param name="value" select="@block"/></xsl:call-template></td>
         <td class="number"><xsl:call-template name="exposure"/></td>
         <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@points"/></xsl:call-template></td>
         <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@accounts"/></xsl:call-template></td>
         <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@findings"/></xsl:call-template></td>
        </tr>
       </xsl:for-each>
      </tbody>
     </table>
    </div>
    <xsl:call-template name="fewer"><xsl:with-param name="rows" select="$rows"/></xsl:call-template>
   </xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<!-- Why a quarter can't be compared: words, separated by a space. -->
<xsl:template name="why">
 <xsl:param name="why"/>
 <xsl:if test="$why != ''">
  <xsl:variable name="word" select="substring-before(concat($why, ' '), ' ')"/>
  <xsl:call-template name="word-or"><xsl:with-param name="key" select="concat('why.', $word)"/><xsl:with-param name="text" select="$word"/></xsl:call-template>
  <xsl:if test="contains($why, ' ')"><xsl:call-template name="t"><xsl:with-param name="key">and</xsl:with-param></xsl:call-template></xsl:if>
  <xsl:call-template name="why"><xsl:with-param name="why" select="substring-after($why, ' ')"/></xsl:call-template>
 </xsl:if>
</xsl:template>

<xsl:template name="exposure">
 <xsl:choose>
  <xsl:when test="not(../ev:risk/@exposure &gt; 1)"><xsl:value-of select="format-number(@exposure, '0.#%')"/></xsl:when>
  <xsl:otherwise><xsl:value-of select="format-number(@exposure, '#,##0.##')"/></xsl:otherwise>
 </xsl:choose>
</xsl:template>

<!-- ==== Risk trend ==== -->

<xsl:template name="flow">
 <xsl:variable name="rows" select="ev:rows[@class = 'trend']/ev:trend"/>
 <xsl:variable name="periods" select="$rows[generate-id() = generate-id(key('trend-of-period', @period)[1])]"/>
 <section>
  <h2 id="flow"><xsl:call-template name="t"><xsl:with-param name="key">trend.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($rows)"><xsl:call-template name="nothing"><xsl:with-param name="key">trend.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <p><xsl:call-template name="t"><xsl:with-param name="key">trend.what</xsl:with-param></xsl:call-template></p>
    <h3 id="flows"><xsl:call-template name="t"><xsl:with-param name="key">flow.title</xsl:with-param></xsl:call-template></h3>
    <ul class="legend" aria-hidden="true">
     <li><svg class="chart" viewBox="0 0 16 16"><rect class="bar-new" width="16" height="16"/></svg><xsl:call-template name="t"><xsl:with-param name="key">flow.new</xsl:with-param></xsl:call-template></li>
     <li><svg class="chart" viewBox="0 0 16 16"><rect class="bar-repeated" width="16" height="16"/><path class="hatch" d="M0 5h16M0 11h16"/></svg><xsl:call-template name="t"><xsl:with-param name="key">flow.repeated</xsl:with-param></xsl:call-template></li>
     <li><svg class="chart" viewBox="0 0 16 16"><rect class="bar-closed" x="1" y="1" width="14" height="14"/></svg><xsl:call-template name="t"><xsl:with-param name="key">flow.closed</xsl:with-param></xsl:call-template></li>
    </ul>
    <figure>
     <xsl:call-template name="flow-chart"><xsl:with-param name="class">broad</xsl:with-param><xsl:with-param name="width" select="760"/><xsl:with-param name="periods" select="$periods"/></xsl:call-template>
     <xsl:call-template name="flow-chart"><xsl:with-param name="class">narrow</xsl:with-param><xsl:with-param name="width" select="340"/><xsl:with-param name="periods" select="$periods"/></xsl:call-template>
    </figure>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="flows">
     <table>
      <thead>
       <tr>
        <xsl:call-template name="head"><xsl:with-param name="class">trend</xsl:with-param><xsl:with-param name="column">period</xsl:with-param></xsl:call-template>
        <xsl:call-template name="heads"><xsl:with-param name="class">trend</xsl:with-param><xsl:with-param name="columns">open new repeated closed</xsl:with-param></xsl:call-template>
        <xsl:call-template name="head"><xsl:with-param name="class">trend</xsl:with-param><xsl:with-param name="column">comparable</xsl:with-param></xsl:call-template>
       </tr>
      </thead>
      <tbody>
       <xsl:for-each select="$periods">
        <xsl:sort select="@ends" order="descending"/>
        <xsl:variable name="of" select="key('trend-of-period', @period)"/>
        <tr>
         <th scope="row" class="short"><xsl:call-template name="quarter-name"/></th>
         <td class="number"><xsl:value-of select="format-number(sum($of/@open), '#,##0')"/></td>
         <td class="number"><xsl:value-of select="format-number(sum($of/@new), '#,##0')"/></td>
         <td class="number"><xsl:value-of select="format-number(sum($of/@repeated), '#,##0')"/></td>
         <td class="number"><xsl:value-of select="format-number(sum($of/@closed), '#,##0')"/></td>
         <td class="long">
          <xsl:choose>
           <xsl:when test="position() = last()"><span class="none">–</span></xsl:when>
           <xsl:when test="not($of[@comparable = 'false'])"><xsl:call-template name="t"><xsl:with-param name="key">flag.true</xsl:with-param></xsl:call-template></xsl:when>
           <xsl:otherwise><xsl:call-template name="why-incomparable"><xsl:with-param name="rows" select="$of[@comparable = 'false']"/></xsl:call-template></xsl:otherwise>
          </xsl:choose>
         </td>
        </tr>
       </xsl:for-each>
      </tbody>
     </table>
    </div>
   </xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<!-- Each reason once, and the rules that it is of where it is not all. -->
<xsl:template name="why-incomparable">
 <xsl:param name="rows"/>
 <span class="mark incomplete"><xsl:call-template name="t"><xsl:with-param name="key">incomparable</xsl:with-param></xsl:call-template></span>
 <xsl:for-each select="$rows">
  <xsl:variable name="why" select="@why"/>
  <xsl:if test="generate-id() = generate-id($rows[@why = $why][1])">
   <br/>
   <xsl:call-template name="why"><xsl:with-param name="why" select="$why"/></xsl:call-template>
   <xsl:if test="count($rows[@why = $why]) &lt;= 5">
    <xsl:text> (</xsl:text>
    <xsl:for-each select="$rows[@why = $why]">
     <xsl:if test="position() &gt; 1">, </xsl:if>
     <xsl:value-of select="@rule"/>
    </xsl:for-each>
    <xsl:text>)</xsl:text>
   </xsl:if>
  </xsl:if>
 </xsl:for-each>
</xsl:template>

<!-- ==== Types ==== -->

<xsl:template name="types">
 <xsl:variable name="rows" select="ev:rows[@class = 'trend']/ev:trend"/>
 <xsl:variable name="periods" select="$rows[generate-id() = generate-id(key('trend-of-period', @period)[1])]"/>
 <xsl:variable name="newest">
  <xsl:for-each select="$periods">
   <xsl:sort select="@ends" order="descending"/>
   <xsl:if test="position() = 1"><xsl:value-of select="@period"/></xsl:if>
  </xsl:for-each>
 </xsl:variable>
 <xsl:variable name="now" select="key('trend-of-period', string($newest))"/>
 <xsl:if test="$rows">
  <section>
   <h2 id="types"><xsl:call-template name="t"><xsl:with-param name="key">types.title</xsl:with-param></xsl:call-template></h2>
   <p class="note"><xsl:call-template name="t"><xsl:with-param name="key">types.what</xsl:with-param></xsl:call-template></p>
   <xsl:choose>
    <xsl:when test="not($now[@open &gt; 0])"><xsl:call-template name="nothing"><xsl:with-param name="key">types.none</xsl:with-param></xsl:call-template></xsl:when>
    <xsl:otherwise>
     <xsl:variable name="most"><xsl:call-template name="largest-share"><xsl:with-param name="rows" select="$rows"/></xsl:call-template></xsl:variable>
     <div class="panels">
      <xsl:for-each select="$now[@open &gt; 0]">
       <xsl:sort select="@open" data-type="number" order="descending"/>
       <xsl:if test="position() &lt;= 9">
        <figure>
         <h3><xsl:call-template name="type"/></h3>
         <xsl:call-template name="trend-chart"><xsl:with-param name="periods" select="$periods"/><xsl:with-param name="ymax" select="ceiling($most * 10) div 10"/></xsl:call-template>
         <figcaption>
          <xsl:variable name="share"><xsl:call-template name="share"/></xsl:variable>
          <strong><xsl:value-of select="format-number($share, '0.#%')"/></strong>
          <xsl:text> · </xsl:text>
          <xsl:value-of select="format-number(@open, '#,##0')"/>
          <xsl:text> </xsl:text>
          <xsl:call-template name="t"><xsl:with-param name="key">types.open</xsl:with-param></xsl:call-template>
          <xsl:for-each select="key('trend-of-rule', @rule)[@comparable = 'false' and @why != '']">
           <xsl:sort select="@ends" order="descending"/>
           <xsl:if test="position() = 1">
            <br/>
            <span class="mark incomplete"><xsl:call-template name="quarter-name"><xsl:with-param name="short" select="true()"/></xsl:call-template></span>
            <xsl:text> </xsl:text>
            <xsl:call-template name="why"><xsl:with-param name="why" select="@why"/></xsl:call-template>
           </xsl:if>
          </xsl:for-each>
         </figcaption>
        </figure>
       </xsl:if>
      </xsl:for-each>
     </div>
    </xsl:otherwise>
   </xsl:choose>
   <div class="scroll" tabindex="0" role="region" aria-labelledby="types">
    <table class="dense">
     <thead>
      <tr>
       <xsl:call-template name="word-head"><xsl:with-param name="key">types.type</xsl:with-param><xsl:with-param name="class">long</xsl:with-param></xsl:call-template>
       <xsl:call-template name="head"><xsl:with-param name="class">trend</xsl:with-param><xsl:with-param name="column">severity</xsl:with-param></xsl:call-template>
       <xsl:call-template name="head"><xsl:with-param name="class">trend</xsl:with-param><xsl:with-param name="column">open</xsl:with-param></xsl:call-template>
       <xsl:call-template name="word-head"><xsl:with-param name="key">types.share</xsl:with-param></xsl:call-template>
       <xsl:call-template name="word-head"><xsl:with-param name="key">change</xsl:with-param></xsl:call-template>
       <xsl:call-template name="word-head"><xsl:with-param name="key">change.year</xsl:with-param></xsl:call-template>
       <xsl:call-template name="heads"><xsl:with-param name="class">trend</xsl:with-param><xsl:with-param name="columns">new repeated closed closeDays oldestDays</xsl:with-param></xsl:call-template>
      </tr>
     </thead>
     <tbody>
      <xsl:for-each select="$now">
       <xsl:sort select="@open" data-type="number" order="descending"/>
       <xsl:sort select="@rule"/>
       <xsl:variable name="share"><xsl:call-template name="share"/></xsl:variable>
       <tr>
        <th scope="row" class="long"><xsl:call-template name="type"/></th>
        <td><xsl:call-template name="mark"><xsl:with-param name="kind">severity</xsl:with-param><xsl:with-param name="value" select="@severity"/></xsl:call-template></td>
        <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@open"/></xsl:call-template></td>
        <td class="number"><xsl:value-of select="format-number($share, '0.#%')"/></td>
        <td class="number"><xsl:call-template name="trend-change"/></td>
        <td class="number"><xsl:call-template name="trend-change"><xsl:with-param name="back" select="4"/></xsl:call-template></td>
        <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@new"/></xsl:call-template></td>
        <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@repeated"/></xsl:call-template></td>
        <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@closed"/></xsl:call-template></td>
        <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@closeDays"/></xsl:call-template></td>
        <td class="number"><xsl:call-template name="number"><xsl:with-param name="value" select="@oldestDays"/></xsl:call-template></td>
       </tr>
      </xsl:for-each>
     </tbody>
    </table>
   </div>
  </section>
 </xsl:if>
</xsl:template>

<xsl:template name="largest-share">
 <xsl:param name="rows"/>
 <xsl:for-each select="$rows">
  <xsl:sort select="@open div (sum(key('trend-of-period', @period)/@open) + not(sum(key('trend-of-period', @period)/@open)))" data-type="number" order="descending"/>
  <xsl:if test="position() = 1"><xsl:call-template name="share"/></xsl:if>
 </xsl:for-each>
</xsl:template>

<!-- A type of finding: its rule, and the rule's title. -->
<xsl:template name="type">
 <xsl:variable name="rule" select="key('rule', @rule)"/>
 <xsl:value-of select="@rule"/>
 <xsl:text> </xsl:text>
 <xsl:call-template name="either"><xsl:with-param name="english" select="$rule/@title"/><xsl:with-param name="chinese" select="$rule/@titleZh"/></xsl:call-template>
</xsl:template>
<xsl:key name="rule" match="ev:rule" use="@id"/>
</xsl:stylesheet>
